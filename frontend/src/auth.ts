/** Sign-in and registration: styles and the few things that need a script. */
import "./styles";

import { passkeys } from "./behaviour/passkeys";
import { peek } from "./behaviour/peek";
import { strengths } from "./behaviour/strength";
import { theme } from "./behaviour/theme";

theme();
peek();
strengths();
passkeys();
