/** Elements of a page by id, with their types; a missing one is a mistake in the page. */

export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} with the id '${id}'`);
  return found;
}
