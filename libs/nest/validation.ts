import { ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { InvalidRequest, type FieldError } from '#libs/kernel/errors.js';
import { unknownField } from './strict-input.js';

const UNKNOWN = 'whitelistValidation';

/** Checks bodies and queries against their DTOs: nothing unknown, nothing coerced, every fault named. */
export class StrictValidation extends ValidationPipe {
  constructor() {
    super({ transform: true, whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (error) {
      throw error instanceof InvalidFields
        ? new InvalidRequest(error.faults(metadata.type === 'body'))
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
      const pointer = inBody ? `/${property.replaceAll('~', '~0').replaceAll('/', '~1')}` : property;
      const [code = 'field', message = 'is not of the documented form'] =
        Object.entries(constraints)[0] ?? [];
      if (code === UNKNOWN) return unknownField(pointer);
      return { pointer, code: value === undefined ? 'required' : code, message };
    });
  }
}
