// Finding a place, looking at it, and holding it.

import * as api from "./api.js";
import { day, el, field, form, money } from "./dom.js";

const FILTERS = ["city", "check_in", "check_out", "guests", "max_price", "q"];

const iso = (date) => date.toISOString().slice(0, 10);
const inDays = (days) => iso(new Date(Date.now() + days * 86_400_000));

export async function search({ go, query, say }) {
  const { results: cities } = await api.get("/cities");
  const asked = new URLSearchParams([...query].filter(([name]) => FILTERS.includes(name)));
  const cards = el("ul", { className: "cards" });
  const more = el("button", { className: "quiet", type: "button" }, "Show more");
  const load = async (cursor) => {
    // Prices of several currencies have no order; within one city they do.
    const sort = asked.get("city") ? "price" : "newest";
    const page = new URLSearchParams([...asked, ["sort", sort], ["limit", 12], ...(cursor ? [["cursor", cursor]] : [])]);
    const { results, next } = await api.get(`/search?${page}`);
    cards.append(...results.map((place) => card(place, asked)));
    more.hidden = !next;
    more.onclick = () => load(next);
    say(cards.children.length ? `${cards.children.length} places shown.` : "No place is free. Try other dates.");
  };
  await load();
  return [
    el("h1", {}, "Find a place to stay"),
    form("", [
      el("label", {}, "City", el("select", { name: "city" }, el("option", { value: "" }, "Anywhere"),
        cities.map(({ slug, name }) => el("option", { value: slug, selected: slug === asked.get("city") }, name)))),
      field("Check in", "check_in", { type: "date", min: iso(new Date()), value: asked.get("check_in") || "" }),
      field("Check out", "check_out", { type: "date", min: inDays(1), value: asked.get("check_out") || "" }),
      field("Guests", "guests", { type: "number", min: 1, max: 50, value: asked.get("guests") || "" }),
      field("At most, a night", "max_price", { type: "number", min: 1, value: asked.get("max_price") || "" }),
      el("button", {}, "Search"),
    ], (wanted) => go(`/?${new URLSearchParams(wanted)}`)),
    el("h2", {}, "Places"),
    cards,
    el("p", {}, more),
  ];
}

function card(place, asked) {
  const dates = new URLSearchParams([...asked].filter(([name]) => ["check_in", "check_out", "guests"].includes(name)));
  const cover = place.cover || (place.photos && place.photos[0]);
  return el("li", { className: "card" },
    cover ? el("img", { src: cover.url || cover, alt: "", loading: "lazy", width: 640, height: 420 }) : el("span"),
    el("div", {},
      el("h3", {}, el("a", { href: `/stays/${place.id}?${dates}` }, place.title)),
      el("p", { className: "soft" }, `${place.city.name} · sleeps ${place.sleeps}${rating(place)}`),
      el("p", { className: "price" }, `${money(place.nightly, place.currency)} a night`)));
}

function rating(place) {
  return place.rating ? ` · ${Number(place.rating).toFixed(1)}\u00a0of\u00a05` : "";
}

export async function stay({ go, query, say }, id) {
  const [place, { results: reviews }] = await Promise.all([
    api.get(`/properties/${id}`), api.get(`/properties/${id}/reviews?limit=5`),
  ]);
  const hold = form("", [
    field("Check in", "check_in", { type: "date", required: true, min: iso(new Date()), value: query.get("check_in") || "" }),
    field("Check out", "check_out", { type: "date", required: true, min: inDays(1), value: query.get("check_out") || "" }),
    field("Guests", "guests", { type: "number", required: true, min: 1, max: place.sleeps, value: query.get("guests") || 1 }),
    el("button", {}, "Hold it for me"),
  ], async ({ check_in, check_out, guests }) => {
    if (!api.isLoggedIn()) {
      const back = `/stays/${id}?${new URLSearchParams({ check_in, check_out, guests })}`;
      await go(`/login?next=${encodeURIComponent(back)}`);
      return;
    }
    const made = await api.post("/bookings", { property: id, check_in, check_out, guests: Number(guests) });
    say("It is held for you.");
    await go(`/bookings/${made.id}`);
  });
  return [
    el("h1", {}, place.title),
    el("p", { className: "soft" }, `${place.city.name} · sleeps ${place.sleeps}${rating(place)}`),
    el("div", { className: "photos" }, place.photos.map((photo) => el("img", { src: photo.url, alt: photo.caption || "" }))),
    el("p", {}, place.description),
    el("p", {}, place.amenities.map((amenity) => amenity.name).join(" · ")),
    el("p", { className: "price" },
      `${money(place.nightly, place.currency)} a night, ${money(place.cleaning_fee, place.currency)} for cleaning`),
    el("p", { className: "soft" }, `Cancellation: ${place.cancellation_policy}`),
    el("h2", {}, "When?"),
    hold,
    el("h2", {}, "Reviews"),
    reviews.length
      ? el("ul", {}, reviews.map((review) => el("li", {}, `${review.rating} of 5. ${review.text} `,
        el("span", { className: "soft" }, day(review.created_at.slice(0, 10))))))
      : el("p", { className: "soft" }, "None yet."),
  ];
}
