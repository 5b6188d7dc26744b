// Elements from data. Text is always text: nothing that somebody wrote is ever read as HTML.

export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function field(label, name, properties = {}) {
  return el("label", {}, label, el("input", { name, ...properties }));
}

// A form that says what is wrong with it, and cannot be sent twice at once.
export function form(className, children, onSubmit) {
  const error = el("p", { className: "error", role: "alert", hidden: true });
  const element = el("form", { className, noValidate: false }, ...children, error);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = element.querySelectorAll("button");
    buttons.forEach((button) => { button.disabled = true; });
    error.hidden = true;
    try {
      await onSubmit(Object.fromEntries([...new FormData(element)].filter(([, value]) => value !== "")));
    } catch (problem) {
      const fields = Object.entries(problem.fields || {}).map(([name, why]) => (name ? `${name}: ${why}` : why));
      error.textContent = fields.length ? fields.join(" ") : problem.message;
      error.hidden = false;
    } finally {
      buttons.forEach((button) => { button.disabled = false; });
    }
  });
  return element;
}

export function money(amount, currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).format(Number(amount));
}

export function day(iso) {
  return new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${iso}T00:00:00Z`));
}
