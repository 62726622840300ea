import { Injectable, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { isId } from '#libs/kernel/ids.js';
import { isClinicDate } from './fields.js';

/** A path segment that could not be an id names nothing: the same `404` as for an id that is not there. */
@Injectable()
export class IdPath implements PipeTransform<string, string> {
  transform(value: string): string {
    const id = value.toLowerCase();
    if (!isId(id)) throw new NotFound();
    return id;
  }
}

/** `example` is an id of the demo clinic. */
export function ApiIdParam(example: string, name = 'id'): MethodDecorator {
  return ApiParam({ name, schema: { type: 'string', format: 'uuid', example } });
}

/** A path segment that is no date of a clinic's names nothing either. */
@Injectable()
export class DatePath implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isClinicDate(value)) throw new NotFound();
    return value;
  }
}
