import { ValidationPipe, type ArgumentMetadata, type Type, type ValidationError } from '@nestjs/common';
import { InvalidRequest, type FieldError } from '#libs/kernel/errors.js';
import { listsOf } from './fields.js';
import { pointerTo, unknownField } from './pointers.js';

const UNKNOWN = 'whitelistValidation';

/** Checks bodies and queries against their DTOs: nothing unknown, nothing coerced, every fault named. Each is checked once. */
export class StrictValidation extends ValidationPipe {
  readonly #checked = new WeakMap<object, { metatype: unknown; checked: unknown }>();

  constructor() {
    super({ transform: true, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (typeof value !== 'object' || value === null) return this.#check(value, metadata);
    const known = this.#checked.get(value);
    if (known !== undefined && known.metatype === metadata.metatype) return known.checked;
    const checked = await this.#check(value, metadata);
    this.#checked.set(value, { metatype: metadata.metatype, checked });
    return checked;
  }

  async #check(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const inBody = metadata.type === 'body';
    const dropped = droppedNames(value, metadata.metatype).map((path) =>
      unknownField(inBody ? path.map(pointerTo).join('') : path.join('.')),
    );
    try {
      const checked = (await super.transform(value, metadata)) as unknown;
      if (dropped.length > 0) throw new InvalidRequest(dropped);
      return checked;
    } catch (error) {
      throw error instanceof InvalidFields
        ? new InvalidRequest([...dropped, ...error.faults(inBody)])
        : error;
    }
  }

  override createExceptionFactory() {
    return (errors: ValidationError[] = []) => new InvalidFields(errors);
  }
}

class InvalidFields extends Error {
  constructor(private readonly validation: readonly ValidationError[]) {
    super('invalid fields');
  }

  faults(inBody: boolean): FieldError[] {
    return this.validation.flatMap((error) => faultsOf(error, inBody ? pointerTo : String));
  }
}

/** Those of a list's objects stand below it. */
function faultsOf(
  { property, value, constraints, children = [] }: ValidationError,
  pointerOf: (name: string) => string,
): FieldError[] {
  const pointer = pointerOf(property);
  if (constraints === undefined && children.length > 0) {
    return children.flatMap((child) => faultsOf(child, (name) => pointer + pointerTo(name)));
  }
  const [code = 'field', message = 'is not of the documented form'] =
    Object.entries(constraints ?? {})[0] ?? [];
  if (code === UNKNOWN) return [unknownField(pointer)];
  // Of what has faults inside, Nest has taken the value out.
  const isMissing = value === undefined && children.length === 0;
  return [{ pointer, code: isMissing ? 'required' : code, message }];
}

/** Names that every object or the DTO's class has, such as `constructor`: the library drops them, and refuses nothing. */
function droppedNames(value: unknown, metatype: Type | undefined): string[][] {
  if (typeof value !== 'object' || value === null || metatype === undefined) return [];
  const prototype = metatype.prototype as object;
  const names = Object.keys(value).filter((name) => name === 'prototype' || name in prototype);
  const inLists = [...listsOf(prototype)].flatMap(([list, of]) => {
    const items: unknown = (value as Record<string, unknown>)[list];
    if (!Array.isArray(items)) return [];
    return items.flatMap((item, i) => droppedNames(item, of).map((path) => [list, String(i), ...path]));
  });
  return [...names.map((name) => [name]), ...inLists];
}
