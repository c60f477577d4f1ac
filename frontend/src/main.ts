/** Every page but sign-in: styles, htmx, small behaviours, charts where there are any. */
import "./styles";

import { choosing } from "./behaviour/choosing";
import { copies } from "./behaviour/copy";
import { countdowns } from "./behaviour/countdown";
import { chosenFiles, digits } from "./behaviour/digits";
import { finding } from "./behaviour/finding";
import { fold, folds } from "./behaviour/folds";
import { following } from "./behaviour/following";
import { keys } from "./behaviour/keys";
import { closeMenus } from "./behaviour/menus";
import { nextField } from "./behaviour/nextfield";
import { passkeys } from "./behaviour/passkeys";
import { peek } from "./behaviour/peek";
import { rail } from "./behaviour/rail";
import { scrollers } from "./behaviour/scrollers";
import { sheets } from "./behaviour/sheets";
import { shortcuts } from "./behaviour/shortcuts";
import { strengths } from "./behaviour/strength";
import { theme } from "./behaviour/theme";
import { tree } from "./behaviour/tree";
import { startHtmx } from "./htmx";

async function drawCharts(root: ParentNode): Promise<void> {
  if (!root.querySelector(".fz-chart[data-chart]")) return;
  const { mount } = await import("./charts");
  mount(root);
}

theme();
rail();
folds();
closeMenus();
sheets();
copies();
countdowns();
shortcuts();
peek();
strengths();
passkeys();
nextField();
keys();
choosing();
following();
finding();
tree();
scrollers(document);
digits(document);
chosenFiles(document);
startHtmx((root) => {
  scrollers(root);
  fold(root);
  void drawCharts(root);
});
void drawCharts(document);
