// The scalar functions, by chapter of Microsoft's reference (Microsoft Learn: kusto/query/scalar-functions).
//
// A function gets values and is not called when one is null; marked with nulls() it is. site() makes it per place of
// call, with the arguments' types. lazy() gets compiled arguments, and evaluates only what it needs.

import { conditional } from './functions_conditional.mjs';
import { conversion } from './functions_conversion.mjs';
import { datetime } from './functions_datetime.mjs';
import { dynamic } from './functions_dynamic.mjs';
import { math } from './functions_math.mjs';
import { series } from './functions_series.mjs';
import { string } from './functions_string.mjs';
import { network } from './functions_network.mjs';
import { hashes } from './functions_hash.mjs';
import { others } from './functions_other.mjs';

/** takesDynamic are the functions that leave numbers inside dynamic values as they are. */
export const takesDynamic = new Set([...Object.keys(dynamic), 'array_strcat', 'parsejson', 'pack_all', 'tostring', 'strcat', 'strcat_delim', 'gettype', 'hash_sha256', 'hash_md5', 'hash_sha1']);

export const functions = Object.assign(Object.create(null), conditional, conversion, datetime, dynamic, math, series, string, network, hashes, others);

// Names that were, and still are understood.
for (const [old, name] of Object.entries({
  arraylength: 'array_length', array_strcat: 'strcat_array', parsejson: 'parse_json', parseurl: 'parse_url', parseurlquery: 'parse_urlquery', extractall: 'extract_all',
  totime: 'totimespan', weekofyear: 'week_of_year', datepart: 'datetime_part', base64_encodestring: 'base64_encode_tostring',
  base64_decodestring: 'base64_decode_tostring', unicode_codepoints_to_string: 'make_string',
})) functions[old] = functions[name];
