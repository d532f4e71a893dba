/** A person who does not exist, at a company that only the sandbox's vendors know. */
export type Person = { id: string; given: string; family: string; email: string; company: string };

const given =
  "Ada Amara Ana Anke Bruno Carmen Chidi Dana Elena Farid Grace Hana Ines Jonas Kofi Lena Malik Nora Omar Priya Rosa Sven Uma Viktor Wanda Yusuf Zoe".split(
    " ",
  );
const family =
  "Adeyemi Bauer Castillo Dubois Eriksson Fischer Garcia Haddad Ivanova Jensen Kowalska Lindqvist Martin Nakamura Okafor Patel Quinn Rossi Silva Tanaka Ueda Varga Weber Yilmaz".split(
    " ",
  );
// As in the sandbox, whose vendors know a company behind nearly every domain under .example, by its name alone.
const first =
  "Amber Birch Cedar Copper Delta Ember Fathom Garnet Harbor Indigo Juniper Kestrel Lantern Maple Northwind Orchard Pioneer Quarry Ridge Saffron Timber Umber Velvet Willow Yarrow Zephyr Anchor Bright Cobalt Drift".split(
    " ",
  );
const second =
  "Analytics Foods Freight Health Labs Learning Logistics Media Outdoor Payments Power Robotics Studio Works".split(
    " ",
  );

/** Bits that nobody can foresee, so that two clicks never make the same person. */
const bits = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** Somebody new each time. */
export function invent(chance: () => number = bits): Person {
  const one = (words: readonly string[]) => words[chance() % words.length] ?? "";
  const person = { given: one(given), family: one(family) };
  const company = `${one(first)} ${one(second)}`;
  const number = `${chance().toString(36)}${chance().toString(36)}`;
  return {
    ...person,
    id: `invented-${number}`,
    company,
    email: `${person.given}.${person.family}@${company.replace(" ", "-")}.example`.toLowerCase(),
  };
}
