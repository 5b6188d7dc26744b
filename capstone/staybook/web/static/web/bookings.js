// A guest's bookings: paying, seeing what came of it, cancelling.

import * as api from "./api.js";
import { day, el, money } from "./dom.js";

const PROVIDERS = { chapa: "Chapa", stripe: "Stripe" };
const OPEN = ["initiated", "pending"];
const PATIENCE = 5;

const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const when = (booking) => `${day(booking.check_in)} to ${day(booking.check_out)}`;
const state = (booking) => el("span", { className: "state" }, booking.status);

export async function bookings() {
  const { results } = await api.get("/bookings");
  return [
    el("h1", {}, "My bookings"),
    results.length ? el("ul", { className: "cards" }, results.map((booking) => el("li", { className: "card" }, el("div", {},
      el("h2", {}, el("a", { href: `/bookings/${booking.id}` }, booking.property.title)),
      el("p", { className: "soft" }, when(booking)), el("p", {}, state(booking))))))
      : el("p", {}, "None yet. ", el("a", { href: "/" }, "Find a place to stay")),
  ];
}

export async function booking(page, id) {
  const payment = page.query.get("payment");
  const outcome = payment ? await settled(payment, page) : null;
  const found = await api.get(`/bookings/${id}`);
  return [
    el("h1", {}, found.property.title),
    el("p", {}, state(found)),
    outcome ? el("p", { role: "alert" }, outcome) : null,
    el("dl", {},
      ...row("Stay", `${when(found)}, ${found.nights} nights`),
      ...row("Guests", found.guests),
      ...row("Cleaning", money(found.price.cleaning_fee, found.price.currency)),
      ...row("In all", money(found.price.total, found.price.currency)),
      ...(found.hold_expires_at ? row("Held until", new Date(found.hold_expires_at).toLocaleTimeString("en", { timeStyle: "short" })) : [])),
    found.status === "held" ? pay(found) : null,
    ["held", "confirmed"].includes(found.status) ? cancel(page, found) : null,
    el("p", {}, el("a", { href: "/bookings" }, "All my bookings")),
  ].filter(Boolean);
}

function row(name, value) {
  return [el("dt", {}, name), el("dd", {}, String(value))];
}

// The provider sends the guest back before or after it has told us: so we ask until it is known.
async function settled(payment, { say }) {
  for (let tries = 0; tries < PATIENCE; tries += 1) {
    say("Asking the provider …");
    const { status } = await api.post(`/payments/${payment}/check`);
    if (!OPEN.includes(status)) {
      say("");
      if (status === "succeeded") return "Paid. The stay is yours.";
      return status === "failed" ? "The payment was declined. Nothing was charged; you can try again."
        : "The payment came too late for these nights. The money goes back.";
    }
    await pause(1000);
  }
  say("");
  return "It is not paid yet. If you did pay, this page will know in a minute; if not, try again below.";
}

function pay(found) {
  const error = el("p", { className: "error", role: "alert", hidden: true });
  const key = crypto.randomUUID();
  const buttons = Object.entries(PROVIDERS).map(([provider, name]) => el("button", {
    type: "button",
    onclick: async () => {
      buttons.forEach((button) => { button.disabled = true; });
      try {
        const { checkout_url: url } = await api.post(`/bookings/${found.id}/payments`, { provider }, `${key}-${provider}`);
        location.assign(url);
      } catch (problem) {
        error.textContent = problem.message;
        error.hidden = false;
        buttons.forEach((button) => { button.disabled = false; });
      }
    },
  }, `Pay with ${name}`));
  return el("div", {}, el("h2", {}, "Pay"), el("div", { className: "row" }, buttons), error);
}

function cancel({ go, say }, found) {
  return el("div", { className: "row" }, el("button", {
    type: "button",
    className: "quiet",
    onclick: async ({ target }) => {
      if (!window.confirm("Cancel this booking?")) return;
      target.disabled = true;
      try {
        await api.post(`/bookings/${found.id}/cancel`);
        say("It is cancelled.");
      } catch (problem) {
        say(problem.message);
      }
      await go(`/bookings/${found.id}`);
    },
  }, "Cancel the booking"));
}
