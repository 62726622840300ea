import { applyDecorators, type Type as Class } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { Temporal } from 'temporal-polyfill';
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/min';
import { isCalendarDate } from '#libs/kernel/calendar-date.js';
import type { Instant } from '#libs/kernel/clock.js';
import { isId } from '#libs/kernel/ids.js';

/** Shared by all fields: one statement gives the check, its words and the OpenAPI schema. */
export interface FieldOptions {
  description?: string;
  example?: unknown;
  /** May be left out. */
  optional?: boolean;
  /** May be `null`, which clears it. */
  nullable?: boolean;
}

/** Why a value is refused, or undefined when it is fine. */
type Check = (value: unknown) => string | undefined;

function field(
  code: string,
  check: Check,
  schema: ApiPropertyOptions,
  options: FieldOptions,
): PropertyDecorator {
  const { optional = false, nullable = false, description, example } = options;
  return applyDecorators(
    ApiProperty({
      ...schema,
      required: !optional,
      ...(nullable && { nullable }),
      ...(description !== undefined && { description }),
      ...(example !== undefined && { example }),
    } as ApiPropertyOptions),
    ValidateIf((_, value) => !((optional && value === undefined) || (nullable && value === null))),
    ValidateBy({
      name: code,
      validator: {
        validate: (value) => check(value) === undefined,
        defaultMessage: (args) => (args?.value === undefined ? 'is required' : (check(args.value) ?? '')),
      },
    }),
  );
}

const trimmed = changed((text) => text.trim());

/** The same letters are then the same text, however they were typed (Unicode's form C). */
const composed = changed((text) => text.normalize('NFC').trim());

/** For text alone: of anything else the check tells what it is. */
function changed(change: (text: string) => string): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? change(value) : value));
}

/** A letter, number, sign or mark: what is neither space nor invisible. */
const VISIBLE = /[^\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const CONTROL_BUT_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

const ILL_FORMED = 'must be valid Unicode text, without a lone surrogate';

/** As OpenAPI counts: an emoji outside the basic plane is one character, not two. */
function charactersIn(text: string): number {
  return Array.from(text).length;
}

function checkText(value: unknown, min: number, max: number, control: RegExp): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  if (!value.isWellFormed()) return ILL_FORMED;
  if (control.test(value)) return 'must not contain control characters';
  if (value !== '' && !VISIBLE.test(value)) return 'must have a visible character';
  const length = charactersIn(value);
  if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} characters`;
  if (length > max) return `must have at most ${max} characters`;
  return undefined;
}

export interface TextOptions extends FieldOptions {
  /** Default 1, counted without surrounding space. */
  min?: number;
  max: number;
  /** Line breaks and tabs are welcome. */
  multiline?: boolean;
}

/** Text for people; the space around it is removed, and letters are composed. */
export function TextField(options: TextOptions): PropertyDecorator {
  const { min = 1, max, multiline = false } = options;
  const check: Check = (value) => checkText(value, min, max, multiline ? CONTROL_BUT_LINES : CONTROL);
  const schema = { type: 'string', minLength: min, maxLength: max } as const;
  return applyDecorators(composed, field('text', check, schema, options));
}

/** What is wrong with the form of a new password; undefined for nothing. */
export function passwordFault(value: unknown): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  // Told before a length is compared, and without repeating anything of the value.
  if (!value.isWellFormed()) return ILL_FORMED;
  if (value.includes('\0')) return 'must not contain a NUL character';
  const length = charactersIn(value);
  return length < 12 || length > 128 ? 'must have 12 to 128 characters' : undefined;
}

/** Every character counts, so nothing is trimmed. */
export function PasswordField(options: FieldOptions = {}): PropertyDecorator {
  return field(
    'password',
    passwordFault,
    { type: 'string', format: 'password', minLength: 12, maxLength: 128 },
    options,
  );
}

/** A secret that was made elsewhere: only its size is judged. */
export function OpaqueField(options: FieldOptions & { max: number }): PropertyDecorator {
  const check: Check = (value) => {
    if (typeof value !== 'string') return 'must be text';
    if (!value.isWellFormed()) return ILL_FORMED;
    return value === '' || charactersIn(value) > options.max
      ? `must have 1 to ${options.max} characters`
      : undefined;
  };
  return field('text', check, { type: 'string', minLength: 1, maxLength: options.max }, options);
}

// What HTML's <input type=email> accepts, with a dot in the domain, since a clinic's mail leaves the house.
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/;

/** What is wrong with an email address; undefined for nothing. */
export function emailFault(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 254 && EMAIL.test(value)
    ? undefined
    : 'must be an email address';
}

export function EmailField(options: FieldOptions = {}): PropertyDecorator {
  return applyDecorators(
    trimmed,
    field('email', emailFault, { type: 'string', format: 'email', maxLength: 254 }, options),
  );
}

let phoneRegion: CountryCode | undefined;

/** The region of phone numbers that are written without a country code; set once, at start. */
export function setDefaultPhoneRegion(region: string | undefined): void {
  phoneRegion = region === undefined || !isSupportedCountry(region) ? undefined : region;
}

export function PhoneField(options: FieldOptions = {}): PropertyDecorator {
  const check: Check = (value) =>
    typeof value === 'string' &&
    value.length <= 40 &&
    // Else it finds a number anywhere in a text, and the text is what would be kept.
    parsePhoneNumberFromString(value, { defaultCountry: phoneRegion, extract: false })?.isValid()
      ? undefined
      : 'must be a valid phone number, in international form such as +49 30 901820';
  return applyDecorators(trimmed, field('phone', check, { type: 'string', maxLength: 40 }, options));
}

/** All dates that a clinic can mean. */
const EARLIEST_DATE = '1900-01-01';
export const LATEST_DATE = '2199-12-31';

/** What is wrong with a date; undefined for nothing. */
export function dateFault(value: unknown, min = EARLIEST_DATE, max = LATEST_DATE): string | undefined {
  if (!isCalendarDate(value)) return 'must be a calendar date, YYYY-MM-DD';
  return value < min || value > max ? `must be a date from ${min} to ${max}` : undefined;
}

export interface DateOptions extends FieldOptions {
  /** Both included; the default spans all dates that a clinic can mean. */
  min?: string;
  max?: string | (() => string);
}

export function DateField(options: DateOptions = {}): PropertyDecorator {
  const { min, max } = options;
  const check: Check = (value) => dateFault(value, min, typeof max === 'function' ? max() : max);
  return field('date', check, { type: 'string', format: 'date' }, options);
}

export function DateListField(options: FieldOptions & { max: number }): PropertyDecorator {
  const { max } = options;
  const check: Check = (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > max)
      return `must be a list of 1 to ${max} calendar dates, YYYY-MM-DD`;
    const place = value.findIndex((date) => dateFault(date) !== undefined);
    return place < 0 ? undefined : `has a fault at /${place}, which ${dateFault(value[place])}`;
  };
  const items = { type: 'string', format: 'date' } as const;
  return field('dates', check, { type: 'array', items, minItems: 1, maxItems: max }, options);
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d(:00)?$/;
const TIME_OR_END = /^(([01]\d|2[0-3]):[0-5]\d|24:00)(:00)?$/;

export interface TimeOptions extends FieldOptions {
  /** It may be `24:00`, the end of the day. */
  orEnd?: boolean;
}

/** A wall-clock time. OpenAPI's `format: time` would ask for an offset. */
export function TimeField({ orEnd = false, ...options }: TimeOptions = {}): PropertyDecorator {
  const [form, words] = orEnd
    ? [TIME_OR_END, 'must be a time, HH:MM, up to 24:00']
    : [TIME, 'must be a time, HH:MM'];
  const check: Check = (value) => (typeof value === 'string' && form.test(value) ? undefined : words);
  return field('time', check, { type: 'string', pattern: form.source }, options);
}

const HOURS_EDGE = /^(([01]\d|2[0-3]):[0-5][05]|24:00)(:00)?$/;

/** Where hours begin or end: a wall-clock time on a multiple of 5 minutes, up to the end of the day. */
export function HoursEdgeField(options: FieldOptions = {}): PropertyDecorator {
  const check: Check = (value) =>
    typeof value === 'string' && HOURS_EDGE.test(value)
      ? undefined
      : 'must be a time, HH:MM, on a multiple of 5 minutes up to 24:00';
  return field('time', check, { type: 'string', pattern: HOURS_EDGE.source }, options);
}

/** The name of a zone that the running Node knows. Offsets are refused: they do not know when clocks change. */
export function isZoneName(value: unknown): value is string {
  if (typeof value !== 'string' || value.length > 64 || !/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(value))
    return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** In the letters of its list, so that one zone has one name. */
function spelledZone(name: string): string {
  return isZoneName(name)
    ? Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name).timeZoneId
    : name;
}

export function ZoneField(options: FieldOptions = {}): PropertyDecorator {
  const check: Check = (value) =>
    isZoneName(value) ? undefined : 'must be the name of an IANA time zone, such as Europe/Berlin';
  return applyDecorators(
    changed(spelledZone),
    field('time-zone', check, { type: 'string', maxLength: 64 }, options),
  );
}

/** In capitals too, as in a path. */
export function IdField(options: FieldOptions = {}): PropertyDecorator {
  const check: Check = (value) =>
    typeof value === 'string' && isId(value) ? undefined : 'must be an id (a UUID of version 1 to 8)';
  return applyDecorators(
    changed((id) => id.toLowerCase()),
    field('id', check, { type: 'string', format: 'uuid' }, options),
  );
}

export interface IntegerOptions extends FieldOptions {
  min: number;
  max: number;
  multipleOf?: number;
  default?: number;
}

function checkInteger({ min, max, multipleOf = 1 }: IntegerOptions): Check {
  const words =
    `must be a whole number from ${min} to ${max}` + (multipleOf > 1 ? `, a multiple of ${multipleOf}` : '');
  return (value) =>
    Number.isInteger(value) &&
    Number(value) >= min &&
    Number(value) <= max &&
    Number(value) % multipleOf === 0
      ? undefined
      : words;
}

function integerSchema({ min, max, multipleOf, default: byDefault }: IntegerOptions): ApiPropertyOptions {
  return {
    type: 'integer',
    minimum: min,
    maximum: max,
    ...(multipleOf !== undefined && { multipleOf }),
    ...(byDefault !== undefined && { default: byDefault }),
  };
}

export function IntegerField(options: IntegerOptions): PropertyDecorator {
  return field('integer', checkInteger(options), integerSchema(options), options);
}

/** One spelling for each number. */
const INTEGER = /^(0|-?[1-9]\d{0,8})$/;

/** An integer in a query string, which knows only text. */
export function IntegerParameter(options: IntegerOptions): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && INTEGER.test(value) ? Number(value) : value,
    ),
    field('integer', checkInteger(options), integerSchema(options), { optional: true, ...options }),
  );
}

export function BooleanField(options: FieldOptions = {}): PropertyDecorator {
  const check: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
  return field('boolean', check, { type: 'boolean' }, options);
}

/** `true` or `false` in a query string. */
export function BooleanParameter(options: FieldOptions = {}): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
    BooleanField({ optional: true, ...options }),
  );
}

export interface EnumOptions extends FieldOptions {
  values: readonly string[];
  /** Names the schema in OpenAPI, so that clients get one type for it. */
  enumName: string;
}

export function EnumField({ values, enumName, ...options }: EnumOptions): PropertyDecorator {
  const check: Check = (value) =>
    values.includes(value as string) ? undefined : `must be one of ${values.join(', ')}`;
  return field('one-of', check, { enum: [...values], enumName }, options);
}

/** A query parameter that may repeat; arrives as an array, also when it stands once. */
export function EnumListParameter({ values, enumName, ...options }: EnumOptions): PropertyDecorator {
  const check: Check = (value) =>
    Array.isArray(value) &&
    value.length <= values.length &&
    value.every((one) => values.includes(one as string))
      ? undefined
      : `must be one of ${values.join(', ')}; it may repeat`;
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value)),
    field('one-of', check, { enum: [...values], enumName, isArray: true }, { optional: true, ...options }),
  );
}

const LISTS = 'cybermed:lists';

export interface ListOptions extends FieldOptions {
  of: Class;
  /** Default 0. */
  min?: number;
  max: number;
}

/** Objects that are checked like the body itself: nothing unknown, every fault with its pointer. */
export function ListField({ of, min = 0, max, ...options }: ListOptions): PropertyDecorator {
  const check: Check = (value) => {
    if (!Array.isArray(value) || !value.every(isObject)) return 'must be a list of objects';
    if (value.length >= min && value.length <= max) return undefined;
    return min === 0 ? `must have at most ${max} entries` : `must have ${min} to ${max} entries`;
  };
  return applyDecorators(
    (target: object, name: string | symbol) =>
      Reflect.defineMetadata(LISTS, new Map(listsOf(target)).set(String(name), of), target),
    Type(() => of),
    ValidateNested({ each: true }),
    field('list', check, { type: of, isArray: true, minItems: min, maxItems: max }, options),
  );
}

/** The classes of the objects in the lists of a request, by field. */
export function listsOf(prototype: object): ReadonlyMap<string, Class> {
  return (Reflect.getMetadata(LISTS, prototype) as Map<string, Class> | undefined) ?? new Map();
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** RFC 3339, UTC. */
export function toInstantText(instant: Instant): string {
  return new Date(instant).toISOString();
}
