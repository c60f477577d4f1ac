/**
 * Device keys (WebAuthn). `<form data-passkey="create|get|login">` has a hidden field `credential`,
 * a button that is hidden until this script can serve it, and words in `[data-failed]`;
 * `[data-numbered]` says why there are no keys under an address of numbers.
 * What the server asks for stands in `#passkey-options`; at sign-in it is fetched from the form's
 * address, so that each press has a fresh challenge.
 */
type Json = Record<string, unknown>;

export function passkeys(): void {
  if (isNumbered(location.hostname)) {
    for (const why of document.querySelectorAll<HTMLElement>("[data-numbered]")) why.hidden = false;
    return;
  }
  if (!window.PublicKeyCredential) return;
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-passkey]")) {
    const button = form.querySelector<HTMLButtonElement>("button[type=button]:not(.peek)");
    if (!button) continue;
    form.hidden = button.hidden = false;
    button.addEventListener("click", () => void serve(form, button));
  }
}

async function serve(form: HTMLFormElement, button: HTMLButtonElement): Promise<void> {
  const failed = form.querySelector<HTMLElement>("[data-failed]");
  const field = form.querySelector<HTMLInputElement>("input[name=credential]");
  if (failed) failed.hidden = true;
  button.disabled = true;
  try {
    const credential = await ask(form);
    if (!field || !credential) throw new Error("no credential");
    field.value = JSON.stringify(told(credential));
    form.submit();
  } catch {
    // Cancelled, timed out, no such key: the browser does not say which, on purpose.
    if (failed) failed.hidden = false;
    button.disabled = false;
  }
}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential | null> {
  if (form.dataset.passkey === "create") {
    const alone = form.querySelector<HTMLInputElement>("input[name=passwordless]")?.checked ?? false;
    const options = creation(written("creation_options"), alone);
    return (await navigator.credentials.create({ publicKey: options })) as PublicKeyCredential | null;
  }
  const told = form.dataset.passkey === "login" ? await fetched(form.action) : written("request_options");
  return (await navigator.credentials.get({ publicKey: request(told) })) as PublicKeyCredential | null;
}

function written(name: string): Json {
  const text = document.getElementById("passkey-options")?.textContent ?? "{}";
  return inner((JSON.parse(text) as Record<string, Json>)[name] ?? {});
}

async function fetched(address: string): Promise<Json> {
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return inner(((await answer.json()) as Record<string, Json>).request_options ?? {});
}

function inner(options: Json): Json {
  return (options.publicKey as Json | undefined) ?? options;
}

function creation(options: Json, alone: boolean): PublicKeyCredentialCreationOptions {
  const user = options.user as Json;
  const selection = { ...(options.authenticatorSelection as Json | undefined) };
  // A key that opens by itself has to be on the device and has to know its owner.
  selection.residentKey = alone ? "required" : "discouraged";
  selection.requireResidentKey = alone;
  if (alone) selection.userVerification = "required";
  return {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...user, id: bytes(user.id) },
    excludeCredentials: listed(options.excludeCredentials),
    authenticatorSelection: selection,
  } as unknown as PublicKeyCredentialCreationOptions;
}

function request(options: Json): PublicKeyCredentialRequestOptions {
  return {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: listed(options.allowCredentials),
  } as unknown as PublicKeyCredentialRequestOptions;
}

function listed(keys: unknown): Json[] {
  return ((keys as Json[] | undefined) ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
}

/** What the browser gives, as JSON with bytes in base64url. */
function told(credential: PublicKeyCredential): Json {
  const response = credential.response as unknown as Record<string, ArrayBuffer | null | undefined>;
  const out: Json = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    const value = response[name];
    if (value) out[name] = text(value);
  }
  const transports = (credential.response as AuthenticatorAttestationResponse).getTransports?.();
  if (transports) out.transports = transports;
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: out,
  };
}

function bytes(value: unknown): ArrayBuffer {
  const plain = atob(String(value).replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

function text(value: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(value));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Keys belong to a name: for 127.0.0.1 browsers make none. */
function isNumbered(host: string): boolean {
  return /^[\d.]+$/.test(host) || host.includes(":");
}
