import { Controller, Delete, Get, Header, HttpCode, Param, Put, Req } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { NotFound } from '#libs/kernel/errors.js';
import { FileUploads, TakesFile } from '#libs/nest/file-upload.js';
import { ApiIdParam, IdPath } from '#libs/nest/id-path.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { UnsupportedImage, UnusableImage } from '../domain/errors.js';
import type { Actor } from '../domain/user.js';
import { ChangePhoto } from '../use-cases/change-photo.js';
import { ReadAccount } from '../use-cases/read-account.js';
import { ReadPhoto } from '../use-cases/read-photo.js';
import { CurrentActor, SignedIn } from './access.js';
import { UserResponse } from './auth.dto.js';

const MOST_BYTES = 5 * 1024 * 1024;

@ApiTags('Account')
@SignedIn()
@Controller('api')
export class PhotosController {
  constructor(
    private readonly uploads: FileUploads,
    private readonly changePhoto: ChangePhoto,
    private readonly readAccount: ReadAccount,
    private readonly readPhoto: ReadPhoto,
  ) {}

  @Put('auth/me/photo')
  @ApiOperation({
    operationId: 'setOwnPhoto',
    summary: 'Give yourself a photo, or another',
    description:
      'It is turned upright, made smaller where a side has more than 1024 pixels, and kept as WebP without anything that the file says of place, time or camera. Of a picture that moves the first frame is kept.',
  })
  @TakesFile('photo', 'A JPEG, PNG or WebP of at most 5 MiB and 25 megapixels.')
  @ApiOkResponse({ type: UserResponse })
  @Problems(UnsupportedImage.problem, UnusableImage.problem)
  async set(@CurrentActor() { userId }: Actor, @Req() request: FastifyRequest): Promise<UserResponse> {
    const expected = { name: 'photo', most: MOST_BYTES, sender: userId };
    await this.uploads.take(request, expected, (picture) => this.changePhoto.execute({ userId, picture }));
    return UserResponse.of(await this.readAccount.execute(userId));
  }

  @Delete('auth/me/photo')
  @HttpCode(204)
  @ApiOperation({ operationId: 'removeOwnPhoto', summary: 'Take your photo away, if there is one' })
  @ApiNoContentResponse()
  async remove(@CurrentActor() { userId }: Actor): Promise<void> {
    await this.changePhoto.execute({ userId, picture: null });
  }

  @Get('users/:id/photo')
  @ApiOperation({
    operationId: 'getPhoto',
    summary: "Read somebody's photo",
    description:
      "A doctor's is for whoever may see their card: everybody who is signed in, while patients can find them. A patient's is for the patient, the doctors who treat them, and admins.",
  })
  @ApiIdParam('01900000-0000-7000-8000-000000000c81')
  @ApiOkResponse({ content: { 'image/webp': { schema: { type: 'string', format: 'binary' } } } })
  @Header('Content-Type', 'image/webp')
  @Header('Content-Disposition', 'inline; filename="photo.webp"')
  @Problems(NotFound.problem)
  async read(@CurrentActor() actor: Actor, @Param('id', IdPath) id: string): Promise<Uint8Array> {
    return this.readPhoto.execute({ actor, userId: id });
  }
}
