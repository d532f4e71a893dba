/** What people are called in lists: name, else address, else id. */
export function called(person: { id: string; name: string; email: string }): string {
  return person.name || person.email || person.id;
}
