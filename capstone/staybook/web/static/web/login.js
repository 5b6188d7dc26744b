// Logging in, and registering as a guest.

import * as api from "./api.js";
import { el, field, form } from "./dom.js";

export function logIn({ go, query, say }) {
  const next = query.get("next") || "/";
  const target = next.startsWith("/") && !next.startsWith("//") ? next : "/";
  const done = () => {
    say("You are logged in.");
    return go(target);
  };
  const email = { type: "email", required: true, autocomplete: "email" };
  const password = { type: "password", required: true, minLength: 10 };
  return [
    el("h1", {}, "Log in"),
    form("narrow", [
      field("E-mail", "email", email),
      field("Password", "password", { ...password, autocomplete: "current-password" }),
      el("button", {}, "Log in"),
    ], async ({ email: address, password: secret }) => {
      await api.logIn(address, secret);
      await done();
    }),
    el("h2", {}, "New here?"),
    form("narrow", [
      field("Name", "name", { required: true, maxLength: 80, autocomplete: "name" }),
      field("E-mail", "email", email),
      field("Password, 10 characters or more", "password", { ...password, autocomplete: "new-password" }),
      el("button", { className: "quiet" }, "Register"),
    ], async ({ name, email: address, password: secret }) => {
      await api.register(name, address, secret);
      await done();
    }),
  ];
}
