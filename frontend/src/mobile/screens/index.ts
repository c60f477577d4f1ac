/** The screens by the first word of the address. */
import type { Screen } from "../view";
import { entry } from "./entry";
import { events } from "./events";
import { history } from "./history";
import { more } from "./more";
import { network } from "./network";
import { notices } from "./notices";
import { overview } from "./overview";
import { readings } from "./readings";
import { settings } from "./settings";

export const SCREENS: Record<string, Screen> = {
  "": overview, readings, history, network, events, entry, notices, settings, more,
};
