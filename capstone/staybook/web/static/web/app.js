// Which view an address has, links without reloading, and the menu.

import * as api from "./api.js";
import { el } from "./dom.js";
import { booking, bookings } from "./bookings.js";
import { logIn } from "./login.js";
import { search, stay } from "./stays.js";

const ROUTES = [
  [/^\/$/, search],
  [/^\/stays\/([0-9a-f-]{36})$/, stay],
  [/^\/bookings$/, bookings],
  [/^\/bookings\/([0-9a-f-]{36})$/, booking],
  [/^\/login$/, logIn],
];

let visit = 0;

export async function show() {
  const mine = ++visit;
  const main = document.getElementById("main");
  const [, view, found] = ROUTES.map(([pattern, is]) => [pattern, is, pattern.exec(location.pathname)]).find(([, , match]) => match)
    || [null, nowhere, []];
  main.setAttribute("aria-busy", "true");
  let content;
  try {
    content = await view({ go, say, query: new URLSearchParams(location.search) }, ...found.slice(1));
  } catch (problem) {
    if (problem.status === 401) return go(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
    content = [el("h1", {}, "That did not work"), el("p", {}, problem.message)];
  }
  if (mine !== visit) return undefined; // somebody has gone on meanwhile
  main.removeAttribute("aria-busy");
  main.replaceChildren(...content);
  document.title = `${main.querySelector("h1").textContent} – staybook`;
  menu();
  return undefined;
}

export function go(address) {
  history.pushState({}, "", address);
  window.scrollTo(0, 0);
  document.getElementById("main").focus();
  return show();
}

function say(text) {
  document.getElementById("status").textContent = text;
}

function menu() {
  const entries = api.isLoggedIn()
    ? [el("a", { href: "/bookings" }, "My bookings"), el("a", { href: "/", onclick: logOut }, "Log out")]
    : [el("a", { href: "/login" }, "Log in")];
  document.getElementById("menu").replaceChildren(...entries.map((entry) => el("li", {}, entry)));
}

async function logOut() {
  await api.logOut();
  say("You are logged out.");
  menu();
}

function nowhere() {
  return [el("h1", {}, "There is nothing here"), el("p", {}, el("a", { href: "/" }, "Search for a place to stay"))];
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  const isOurs = link && link.origin === location.origin && ROUTES.some(([pattern]) => pattern.test(link.pathname));
  if (!isOurs || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || link.hash) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
window.addEventListener("popstate", show);
show();
