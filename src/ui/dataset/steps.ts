/** The way from a file to a data set, as the steps on both pages show it. */
type Name = 'file' | 'columns' | 'done';
type Step = { readonly id: Name; readonly label: string; readonly done: boolean; readonly open: boolean };
const labels: Readonly<Record<Name, string>> = { file: 'File', columns: 'Columns', done: 'Done' };
const order: readonly Name[] = ['file', 'columns', 'done'];

/** From the columns one can go back to the file; what is saved is saved. */
export const importSteps = (current: Name): readonly Step[] =>
  order.map((id) => ({
    id,
    label: labels[id],
    done: order.indexOf(id) < order.indexOf(current) || (id === 'done' && current === 'done'),
    open: id === 'file' && current === 'columns',
  }));
