// Passkeys: a button asks the server what to ask the authenticator for, and hands its answer back. The server decides everything.
//   <button data-passkey="get|create" data-options="…" data-answer="…" data-send='{"back": "/me"}' data-status="id">
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", "accept-language": document.documentElement.lang },
    body: JSON.stringify(body),
  });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.detail || found.title);
  return found;
}

function readable(options) {
  const listed = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));
  const found = { ...options, challenge: bytes(options.challenge) };
  if (options.user) found.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) found.excludeCredentials = listed(options.excludeCredentials);
  if (options.allowCredentials) found.allowCredentials = listed(options.allowCredentials);
  return found;
}

function sendable(credential) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
}

async function press(button) {
  const status = document.getElementById(button.dataset.status);
  const send = JSON.parse(button.dataset.send || "{}");
  for (const field of button.closest("[data-fields]")?.querySelectorAll("input") || []) send[field.name] = field.value;
  button.disabled = true;
  status.textContent = button.dataset.waiting;
  try {
    const publicKey = readable(await ask(button.dataset.options, send));
    const credential = await navigator.credentials[button.dataset.passkey]({ publicKey });
    const answer = await ask(button.dataset.answer, { ...send, credential: sendable(credential) });
    location.assign(answer.to);
  } catch (error) {
    const own = error.name === "NotAllowedError" || error.name === "InvalidStateError" || error.name === "SecurityError";
    status.textContent = own ? button.dataset.failed : error.message;
    button.disabled = false;
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  const usable = window.PublicKeyCredential && window.isSecureContext && location.origin === button.dataset.origin;
  if (usable) {
    button.hidden = false;
    button.addEventListener("click", () => press(button));
  } else {
    document.getElementById(button.dataset.status).textContent = button.dataset.elsewhere;
  }
}
