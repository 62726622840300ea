import { ApiProperty } from '@nestjs/swagger';
import { toInstantText } from '#libs/nest/fields.js';
import { PageOf } from '#libs/nest/page.dto.js';
import type { Session } from '../domain/session.js';
import type { Actor } from '../domain/user.js';

export class SessionResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ type: 'string', nullable: true, description: 'As the device called itself at the login.' })
  device_name: string | null;

  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'The network that logged in: the first 24 bits of an IPv4 address, 48 of IPv6.',
    example: '192.0.2.0/24',
  })
  network: string | null;

  @ApiProperty({ format: 'date-time' })
  opened_at: string;

  @ApiProperty({ format: 'date-time', description: 'The login, or the last refresh since.' })
  refreshed_at: string;

  @ApiProperty({ description: 'Whether it is the session that asks.' })
  current: boolean;

  static of(session: Session, actor: Actor): SessionResponse {
    return {
      id: session.id,
      device_name: session.deviceName,
      network: session.network,
      opened_at: toInstantText(session.openedAt),
      refreshed_at: toInstantText(session.refreshedAt),
      current: session.id === actor.sessionId,
    };
  }
}

export class SessionsPage extends PageOf(SessionResponse, 'Those that are open, the newest login first.') {}
