/** Every page but sign-in: styles, htmx, small behaviours, charts where there are any. */
import "./styles";

import { copies } from "./behaviour/copy";
import { fold, folds } from "./behaviour/folds";
import { closeMenus } from "./behaviour/menus";
import { rail } from "./behaviour/rail";
import { sheets } from "./behaviour/sheets";
import { shortcuts } from "./behaviour/shortcuts";
import { theme } from "./behaviour/theme";
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
shortcuts();
startHtmx((root) => {
  fold(root);
  void drawCharts(root);
});
void drawCharts(document);
