// How a function wants to be called; see functions.mjs.

export const nulls = f => Object.assign(f, { nulls: true });
export const site = make => ({ site: make });
export const siteNulls = make => ({ site: make, nulls: true });
export const lazy = make => ({ lazy: make });
