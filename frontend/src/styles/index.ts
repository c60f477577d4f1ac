/** Tabler first (build/used-css.ts thins it out as a module of its own), ours on top. */
import "@tabler/core/dist/css/tabler.min.css";
import "./index.css";
