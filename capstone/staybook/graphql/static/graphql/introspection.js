// What the schema says of itself, as plain objects.

const REFERENCE = 'fragment Reference on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }';

export const INTROSPECTION = `query Types {
  __schema {
    queryType { name } mutationType { name }
    types {
      kind name description
      fields(includeDeprecated: true) {
        name description
        args { name description defaultValue type { ...Reference } }
        type { ...Reference }
      }
      inputFields { name description defaultValue type { ...Reference } }
      enumValues(includeDeprecated: true) { name description }
    }
  }
} ${REFERENCE}`;

// A reference as it is written in the language: [Property!]!
export function written(type) {
  if (type.kind === 'NON_NULL') return `${written(type.ofType)}!`;
  if (type.kind === 'LIST') return `[${written(type.ofType)}]`;
  return type.name;
}

function input(each) {
  const byDefault = each.defaultValue && each.defaultValue !== 'null' ? ` = ${each.defaultValue}` : '';
  return `${each.name}: ${written(each.type)}${byDefault}`;
}

function field(each) {
  const given = each.args.length ? `(${each.args.map(input).join(', ')})` : '';
  return { signature: `${each.name}${given}: ${written(each.type)}`, description: each.description };
}

// The types of ours, Query and Mutation first, each with its members as lines of the language.
export function typesOf(schema) {
  const roots = [schema.queryType.name, schema.mutationType?.name];
  const rank = (type) => (roots.indexOf(type.name) + 1 || 9);
  return schema.types
    .filter((type) => !type.name.startsWith('__'))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name))
    .map((type) => ({
      name: type.name,
      kind: type.kind.toLowerCase().replace('_', ' '),
      description: type.description,
      members: [
        ...(type.fields ?? []).map(field),
        ...(type.inputFields ?? []).map((each) => ({ signature: input(each), description: each.description })),
        ...(type.enumValues ?? []).map((each) => ({ signature: each.name, description: each.description })),
      ],
    }));
}
