import { POLICY_ALONE } from '../../test/races/protections.js';
import { serve } from '../support/other-product.js';

/** The control's program: the product, but that it looks into the agendas before its unit of work, and locks nothing. */
await serve((builder) => POLICY_ALONE.wire(builder));
