export type Toast = { readonly id: string | number; readonly text: string; readonly tone?: 'good' | 'warn' | 'bad' };
