import { OpaqueField, PasswordField } from '#libs/nest/fields.js';

export class ChangePasswordRequest {
  @OpaqueField({ max: 128 })
  current_password: string;

  @PasswordField({
    description:
      'Any characters; surrounding space counts. Common ones, and your own name or email, are refused.',
    example: 'nine clouds over the lake',
  })
  new_password: string;

  toInput(): { currentPassword: string; newPassword: string } {
    return { currentPassword: this.current_password, newPassword: this.new_password };
  }
}
