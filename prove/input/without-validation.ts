import type { ArgumentMetadata, Type } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { StrictValidation } from '#libs/nest/validation.js';
import { serve } from '../support/other-product.js';

/** Bodies and queries as they come, in the shape that routes expect. */
function shaped(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
  return type === 'body' || type === 'query' ? plainToInstance(metatype as Type<object>, value ?? {}) : value;
}

/** The control's program: the product, but that nobody looks at what bodies and queries say. */
await serve((builder) =>
  builder
    .overrideProvider(StrictValidation)
    .useValue({ transform: async (value: unknown, metadata: ArgumentMetadata) => shaped(value, metadata) }),
);
