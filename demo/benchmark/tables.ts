/** Tables and lists of text. */

/** The first row is the head. The last cell of a shorter row reaches to the table's end: words in place of figures. */
export type Table = readonly (readonly string[])[];

export function fillTable(table: HTMLTableElement, [head, ...body]: Table): void {
  const row = (cells: readonly string[], scope: 'col' | 'row') => {
    const line = document.createElement('tr');
    for (const [i, text] of cells.entries()) {
      const cell = document.createElement(scope === 'col' || i === 0 ? 'th' : 'td');
      if (cell.tagName === 'TH') cell.setAttribute('scope', scope);
      cell.textContent = text;
      line.append(cell);
    }
    const last = line.lastElementChild as HTMLTableCellElement;
    if (cells.length < head.length) {
      last.colSpan = head.length - cells.length + 1;
      last.className = 'words';
    }
    return line;
  };
  const [top, rest] = [document.createElement('thead'), document.createElement('tbody')];
  top.append(row(head, 'col'));
  rest.append(...body.map((cells) => row(cells, 'row')));
  table.replaceChildren(top, rest);
}

export function fillList(list: HTMLDListElement, entries: Readonly<Record<string, string>>): void {
  const items = Object.entries(entries).map(([term, text]) => {
    const item = document.createElement('div');
    for (const [name, content] of [
      ['dt', term],
      ['dd', text],
    ]) {
      const part = document.createElement(name);
      part.textContent = content;
      item.append(part);
    }
    return item;
  });
  list.replaceChildren(...items);
}
