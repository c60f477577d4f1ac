/** This device: its name, theme, language, notices, signing out; what the client is. */
import { h } from "../dom";
import { day } from "../format";
import { endKey, putDown } from "../leaving";
import { card, segment } from "../parts";
import { Denied, isPossible, switchOff, switchOn } from "../push";
import { outbox } from "../store";
import { type Answers, type Context, of, type Screen } from "../view";
import { wipe } from "../wipe";
import { t, tell } from "../words";
import { gone } from "./gone";

const LOOK = "faza.look";
interface Push {
  on: boolean;
  key: string | null;
  registered: boolean;
}

export const settings: Screen = {
  title: "settings",
  tab: "more",
  back: () => "#/more",
  needs: () => ({ push: "push" }),
  draw: (answers, context, again) => [device(context), look(), pushing(answers, again), leaving(), about()],
};

function device({ me }: Context): Node {
  return card(
    t("device"),
    facts([
      [t("device-name"), me.token ?? "—"],
      [t("person"), me.name ?? "—"],
      [t("connected-until"), day(me.expires_at, true)],
    ]),
  );
}

function facts(rows: [string, string][]): HTMLElement {
  return h("dl", { class: "m-facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function look(): Node {
  const root = document.documentElement;
  const keep = (told: Record<string, string>) => {
    const before = JSON.parse(localStorage.getItem(LOOK) ?? "{}") as Record<string, string>;
    localStorage.setItem(LOOK, JSON.stringify({ ...before, ...told }));
  };
  const themes = ["auto", "light", "dark"].map((value) => ({ value, label: t(`theme-${value}`) }));
  return h(
    "section",
    { class: "m-card" },
    h("h2", {}, t("theme")),
    segment(t("theme"), themes, root.dataset.theme ?? "auto", (theme) => {
      root.dataset.theme = theme;
      keep({ theme });
      dispatchEvent(new Event("faza:look"));
      dispatchEvent(new Event("faza:again"));
    }),
    h("h2", {}, t("language")),
    segment(t("language"), [{ value: "ru", label: "Русский" }, { value: "en", label: "English" }], root.lang, (language) => {
      keep({ language });
      location.reload();
    }),
  );
}

function pushing(answers: Answers, again: () => void): Node | null {
  const told = of<Push>(answers, "push");
  if (!told?.on || !told.key || !isPossible()) return null;
  const key = told.key;
  const said = h("p", { class: "m-note", role: "status" });
  const box = h("input", { type: "checkbox", role: "switch", id: "push", checked: told.registered });
  box.addEventListener("change", async () => {
    box.disabled = true;
    try {
      await (box.checked ? switchOn(key) : switchOff());
      again();
    } catch (error) {
      box.checked = !box.checked;
      said.textContent = t(error instanceof Denied ? "push-refused" : "push-failed");
    }
    box.disabled = false;
  });
  return card(null, h("label", { class: "m-switch", for: "push" }, t("push"), box), said);
}

function leaving(): Node {
  const place = h("div", {});
  const button = h("button", { type: "button", class: "m-btn danger", id: "sign-out" }, t("sign-out"));
  button.addEventListener("click", async () => {
    const unsent = (await outbox.all()).length;
    const sure = h("button", { type: "button", class: "m-btn danger", id: "sign-out-sure" }, t("sign-out-sure"));
    sure.addEventListener("click", () => void signOut(sure));
    place.replaceChildren(
      h("p", { class: "m-note" }, unsent ? tell("sign-out-unsent", { many: unsent }) : t("sign-out-note")),
      sure,
    );
    sure.focus();
  });
  place.append(button);
  return card(null, place);
}

/** Everything goes at once; where nobody is reached, the key ends at the next start with a network. */
async function signOut(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  putDown();
  dispatchEvent(new Event("faza:gone"));
  await wipe();
  const place = document.getElementById("app")!;
  gone(place, (await endKey(document.body.dataset.out)) ? "out" : "later");
}

function about(): Node {
  const { version = "", build = "" } = document.body.dataset;
  return card(t("about"), facts([[t("version"), version], [t("build"), build]]));
}
