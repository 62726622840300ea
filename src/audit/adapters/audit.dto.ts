import { ApiProperty } from '@nestjs/swagger';
import { DAY } from '#libs/kernel/clock.js';
import { InvalidRequest } from '#libs/kernel/errors.js';
import { DateField, IdField, TextField, toInstantText } from '#libs/nest/fields.js';
import { PageOf, PageQuery } from '#libs/nest/page.dto.js';
import type { AuditRecord } from '../domain/audit-record.js';
import type { AuditQuery } from '../ports.js';
import type { Access } from '../use-cases/read-access-log.js';

const midnight = (date: string | undefined): number | undefined =>
  date === undefined ? undefined : Date.parse(`${date}T00:00:00Z`);

export class AuditQueryRequest extends PageQuery {
  @IdField({ optional: true, description: 'Only what this user did.' })
  actor?: string;

  @TextField({ max: 60, optional: true, description: 'Only this action, such as `appointment.confirm`.' })
  action?: string;

  @IdField({ optional: true, description: 'Only what concerns the patient of this profile id.' })
  patient?: string;

  @TextField({ max: 64, optional: true, description: 'Only what was done to the thing of this id.' })
  entity?: string;

  @DateField({ optional: true, description: 'First date, in UTC.' })
  date_from?: string;

  @DateField({ optional: true, description: 'Last date, included.' })
  date_to?: string;

  toQuery(): AuditQuery {
    const [from, to] = [midnight(this.date_from), midnight(this.date_to)];
    if (from !== undefined && to !== undefined && to < from)
      throw InvalidRequest.at('date_to', 'date', 'must not be before date_from');
    const { actor, action, patient, entity, limit, cursor } = this;
    const until = to === undefined ? undefined : to + DAY;
    return { actor, action, patient, entity, from, until, limit, cursor };
  }
}

export class AuditRecordResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'date-time' })
  recorded_at: string;

  @ApiProperty({ description: 'What was done, as `thing.verb`.', example: 'appointment.confirm' })
  action: string;

  @ApiProperty({ enum: ['success'], description: 'What came of it. Refusals are not recorded.' })
  outcome: 'success';

  @ApiProperty({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Id of the user; null where none did it.',
  })
  actor: string | null;

  @ApiProperty({
    description:
      '`patient`, `doctor` or `admin`; `operator` for a command at the server, `system` for the clock.',
    example: 'doctor',
  })
  actor_role: string;

  @ApiProperty({ example: 'appointment' })
  entity_type: string;

  @ApiProperty({ description: 'Id of the thing it was done to.' })
  entity: string;

  @ApiProperty({
    type: 'string',
    format: 'uuid',
    nullable: true,
    description: 'Profile id of the patient it concerns.',
  })
  patient: string | null;

  @ApiProperty({ type: 'string', format: 'uuid', nullable: true, description: 'As in `X-Request-Id`.' })
  request_id: string | null;

  static of(this: void, record: AuditRecord): AuditRecordResponse {
    return {
      id: record.id,
      recorded_at: toInstantText(record.at),
      action: record.action,
      outcome: record.outcome,
      actor: record.actor,
      actor_role: record.actorRole,
      entity_type: record.entityType,
      entity: record.entityId,
      patient: record.patient,
      request_id: record.requestId,
    };
  }
}

export class AuditRecordsResponse extends PageOf(AuditRecordResponse) {}

export class AccessResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ format: 'date-time' })
  accessed_at: string;

  @ApiProperty({ description: 'At what was looked, as `thing.read`.', example: 'patient.read' })
  action: string;

  @ApiProperty({ description: 'Who looked: `doctor` or `admin`.', example: 'doctor' })
  role: string;

  @ApiProperty({ type: 'string', nullable: true, description: "A doctor's name; null for an admin." })
  name: string | null;

  static of(this: void, { id, at, action, role, name }: Access): AccessResponse {
    return { id, accessed_at: toInstantText(at), action, role, name };
  }
}

export class AccessLogResponse extends PageOf(AccessResponse) {}
