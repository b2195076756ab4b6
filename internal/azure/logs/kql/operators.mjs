// The tabular operators by kind of node. Each gets (node, input, run, env) and gives a table {columns, rows}; columns come
// from the binder.

import { rowOperators } from './operators_rows.mjs';
import { columnOperators } from './operators_columns.mjs';
import { summarizeOperators } from './operators_summarize.mjs';
import { joinOperators } from './operators_join.mjs';
import { expandOperators } from './operators_expand.mjs';
import { parseOperators } from './operators_parse.mjs';
import { seriesOperators } from './operators_series.mjs';
import { pluginOperators } from './operators_plugins.mjs';
import { partOperators } from './operators_parts.mjs';
import { searchOperators } from './operators_search.mjs';

export const operators = Object.assign(Object.create(null),
  rowOperators, columnOperators, summarizeOperators, joinOperators, expandOperators, parseOperators, seriesOperators,
  pluginOperators, partOperators, searchOperators);
