import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { InvalidRequest, type FieldError } from '#libs/kernel/errors.js';
import { pointerTo, unknownField } from './strict-input.js';

const UNKNOWN = 'whitelistValidation';

/** Checks bodies and queries against their DTOs: nothing unknown, nothing coerced, every fault named. */
export class StrictValidation extends ValidationPipe {
  constructor() {
    super({ transform: true, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const inBody = metadata.type === 'body';
    const dropped = droppedNames(value, metadata.metatype).map((name) =>
      unknownField(inBody ? pointerTo(name) : name),
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
    return this.validation.map(({ property, value, constraints = {} }) => {
      const pointer = inBody ? pointerTo(property) : property;
      const [code = 'field', message = 'is not of the documented form'] =
        Object.entries(constraints)[0] ?? [];
      if (code === UNKNOWN) return unknownField(pointer);
      return { pointer, code: value === undefined ? 'required' : code, message };
    });
  }
}

/** Names that every object or the DTO's class has, such as `constructor`: the library drops them, and refuses nothing. */
function droppedNames(value: unknown, metatype: ArgumentMetadata['metatype']): string[] {
  if (typeof value !== 'object' || value === null || metatype === undefined) return [];
  return Object.keys(value).filter((name) => name === 'prototype' || name in metatype.prototype);
}
