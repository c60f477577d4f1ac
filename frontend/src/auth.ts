/** Sign-in pages: styles and the two things that need a script. */
import "./styles";

import { peek } from "./behaviour/peek";
import { theme } from "./behaviour/theme";

theme();
peek();
