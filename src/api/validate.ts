/** Checks of options against a table of rules. Errors name the field, the value and what is allowed. */
import { SaccadeNetError } from '../errors/errors.ts';

export interface Rule {
  /** Completes "... must be". */
  readonly allowed: string;
  readonly test: (value: unknown) => boolean;
}

/** One rule, or a table for an object within, a field. */
export type Rules<T> = { readonly [Field in keyof Required<T>]: Rule | Rules<NonNullable<T[Field]>> };

/**
 * @param path what the user calls the object: 'options', 'options.attention'
 * @throws INVALID_OPTION for the first field that is unknown or has a bad value; undefined is a field left out
 */
export function validate<T extends object>(path: string, given: unknown, rules: Rules<T>): T {
  if (given === undefined) return {} as T;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(path, given, 'an object');
  }
  for (const [field, value] of Object.entries(given)) {
    const rule = (rules as Record<string, Rule | Rules<object>>)[field];
    const where = `${path}.${field}`;
    if (!rule || !Object.hasOwn(rules, field)) {
      throw new SaccadeNetError(
        'INVALID_OPTION',
        `There is no ${where}; ${path} has ${Object.keys(rules).join(', ')}.`,
        { details: { field: where, known: Object.keys(rules) } },
      );
    }
    if (value === undefined) continue;
    if (isRule(rule)) {
      if (!rule.test(value)) throw invalid(where, value, rule.allowed);
    } else {
      validate(where, value, rule);
    }
  }
  return given as T;
}

export function invalid(field: string, value: unknown, allowed: string): SaccadeNetError {
  return new SaccadeNetError('INVALID_OPTION', `${field} is ${show(value)}; it must be ${allowed}.`, {
    details: { field, allowed },
  });
}

/** A value in an error's sentence: short, and never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value))
    return `[${value.slice(0, 8).map(show).join(', ')}${value.length > 8 ? ', ...' : ''}]`;
  if (typeof value === 'object' && value !== null) {
    return `an object of type ${Object.prototype.toString.call(value).slice(8, -1)}`;
  }
  return String(value);
}

function isRule(rule: Rule | Rules<object>): rule is Rule {
  return typeof (rule as Rule).test === 'function';
}
