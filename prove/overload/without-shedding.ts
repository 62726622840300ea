import { LoadShedding } from '../../src/operation/index.js';
import { serve } from '../support/other-product.js';

/** The control's program: the product, but that it takes in whatever comes. */
await serve((builder) => builder.overrideProvider(LoadShedding).useValue({ inFlight: 0, guard: () => {} }));
