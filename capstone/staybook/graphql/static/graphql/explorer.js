// The explorer: sends what is typed to this same address, and shows what the schema says of itself.

import { INTROSPECTION, typesOf } from './introspection.js';

const EXAMPLES = {
  'Find a place': {
    query: `query Find($limit: Int! = 5) {
  search(limit: $limit, sort: NEWEST) {
    results {
      id
      title
      city { name }
      nightly
      currency
      reviews(limit: 2) { rating text guest { name } }
    }
    next
  }
}`,
    variables: { limit: 5 },
  },
  'Hold it': {
    query: `mutation Hold($input: HoldInput!, $key: String!) {
  hold(input: $input, idempotencyKey: $key) {
    id
    status
    holdExpiresAt
    price { total currency }
  }
}`,
    variables: {
      input: { propertyId: 'id of a property', checkIn: '2030-06-03', checkOut: '2030-06-05', guests: 2 },
      key: 'a name of your own',
    },
  },
  'My bookings': {
    query: `{
  bookings {
    results {
      id
      status
      checkIn
      checkOut
      property { title city { name } }
      payments { status amount checkoutUrl }
    }
    next
  }
}`,
    variables: {},
  },
};

const at = (id) => document.getElementById(id);
const [form, query, variables, token, status, result] = ['ask', 'query', 'variables', 'token', 'status', 'result'].map(at);
const button = form.querySelector('button');

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.append(text);
  made.append(...children);
  return made;
}

async function ask(body) {
  const headers = { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' };
  if (token.value.trim()) headers.Authorization = `Bearer ${token.value.trim()}`;
  return fetch('/graphql', { method: 'POST', headers, credentials: 'omit', body: JSON.stringify(body) });
}

async function run() {
  if (button.getAttribute('aria-disabled') === 'true') return;
  let given;
  try {
    given = JSON.parse(variables.value.trim() || '{}');
  } catch (error) {
    status.textContent = `The variables are not JSON: ${error.message}`;
    variables.focus();
    return;
  }
  button.setAttribute('aria-disabled', 'true');
  status.textContent = 'Asking…';
  const start = performance.now();
  try {
    const response = await ask({ query: query.value, variables: given });
    const answer = await response.json();
    const cost = answer.extensions?.cost;
    const wrong = answer.errors?.length ? `, ${answer.errors.length} wrong` : '';
    const paid = cost ? `, cost ${cost.asked} of ${cost.most}` : '';
    status.textContent = `${response.status}${wrong}${paid}, ${Math.round(performance.now() - start)} ms`;
    result.textContent = JSON.stringify(answer, null, 2);
  } catch (error) {
    status.textContent = `There was no answer: ${error.message}`;
  } finally {
    button.removeAttribute('aria-disabled');
  }
}

function showType(type) {
  const members = element('ul');
  for (const each of type.members) {
    const member = element('li', '', element('code', each.signature));
    if (each.description) member.append(element('p', each.description));
    members.append(member);
  }
  const kind = element('span', ` ${type.kind}`);
  kind.className = 'kind';
  const shown = element('details', '', element('summary', '', element('h3', type.name), kind));
  if (type.description) shown.append(element('p', type.description));
  shown.append(members);
  return shown;
}

function showTypes(types) {
  const wanted = at('filter').value.trim().toLowerCase();
  const has = (type) => [type.name, ...type.members.map((each) => each.signature)].some((text) => text.toLowerCase().includes(wanted));
  const found = types.filter(has);
  at('found').textContent = wanted ? `${found.length} of ${types.length}` : `${types.length} types`;
  at('types').replaceChildren(...found.map(showType));
}

async function readTypes() {
  try {
    const answer = await (await ask({ query: INTROSPECTION })).json();
    const types = typesOf(answer.data.__schema);
    at('filter').addEventListener('input', () => showTypes(types));
    showTypes(types);
  } catch (error) {
    at('found').textContent = `The types could not be read: ${error.message}`;
  }
}

function showExample(name) {
  query.value = EXAMPLES[name].query;
  variables.value = JSON.stringify(EXAMPLES[name].variables, null, 2);
}

at('example').append(...Object.keys(EXAMPLES).map((name) => element('option', name)));
at('example').addEventListener('change', (event) => showExample(event.target.value));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    run();
  }
});
showExample(Object.keys(EXAMPLES)[0]);
readTypes();
