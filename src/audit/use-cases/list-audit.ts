import { AuditTrail } from '#libs/kernel/audit-trail.js';
import type { Page } from '#libs/kernel/page.js';
import { Transactions } from '#libs/kernel/transactions.js';
import type { AuditRecord } from '../domain/audit-record.js';
import { AuditRecords, type AuditQuery } from '../ports.js';

/** Shows a page of the trail to an admin. Who looks leaves a line in it, too. */
export class ListAudit {
  constructor(
    private readonly transactions: Transactions,
    private readonly records: AuditRecords,
    private readonly audit: AuditTrail,
  ) {}

  /** Throws InvalidRequest for a cursor that it did not answer. */
  async execute(query: AuditQuery): Promise<Page<AuditRecord>> {
    return this.transactions.run(async () => {
      const page = await this.records.list(query);
      const about = query.patient === undefined ? {} : { patient: query.patient };
      await this.audit.record({ action: 'audit.read', entity: { type: 'audit', id: 'page' }, ...about });
      return page;
    });
  }
}
