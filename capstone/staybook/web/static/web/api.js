// The public API, as any client has it. The access token lives in memory, the refresh token as long as the tab.

let access = null;
let refreshing = null;

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || "Something went wrong.");
    this.status = status;
    this.code = body.code || "";
    this.fields = body.fields || {};
  }
}

export const isLoggedIn = () => Boolean(sessionStorage.getItem("refresh"));

export async function logIn(email, password) {
  keep(await send("POST", "/auth/login", { email, password }));
}

export async function register(name, email, password) {
  await send("POST", "/auth/register", { name, email, password });
  await logIn(email, password);
}

export async function logOut() {
  const refresh = sessionStorage.getItem("refresh");
  access = null;
  sessionStorage.removeItem("refresh");
  if (refresh) await send("POST", "/auth/logout", { refresh }).catch(() => {});
}

export const get = (path) => authorized("GET", path);
// The same key for the same wish: a click that is repeated after a failure of the network changes nothing twice.
export const post = (path, body, key = crypto.randomUUID()) => authorized("POST", path, body, { "Idempotency-Key": key });

async function authorized(method, path, body, headers = {}) {
  if (!access && isLoggedIn()) await renew();
  try {
    return await send(method, path, body, bearer(headers));
  } catch (problem) {
    if (problem.status !== 401 || !isLoggedIn()) throw problem;
    await renew();
    return send(method, path, body, bearer(headers));
  }
}

// One refresh at a time: a refresh token that is used twice ends the login.
function renew() {
  refreshing ??= send("POST", "/auth/refresh", { refresh: sessionStorage.getItem("refresh") })
    .then(keep, (problem) => {
      if (problem.status === 401) sessionStorage.removeItem("refresh");
      throw problem;
    })
    .finally(() => { refreshing = null; });
  return refreshing;
}

function keep(tokens) {
  access = tokens.access;
  sessionStorage.setItem("refresh", tokens.refresh);
}

const bearer = (headers) => (access ? { ...headers, Authorization: `Bearer ${access}` } : headers);

async function send(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers } };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(`/api/v1${path}`, options);
  } catch {
    throw new Problem(0, { detail: "The server cannot be reached. Try again." });
  }
  const text = await response.text();
  const answer = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Problem(response.status, answer || {});
  return answer;
}
