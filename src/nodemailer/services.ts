/** Well-known providers by their names: facts, as they publish them. What is not here is named by host and port. */
import { configError } from './nodemailer-error.js';

export interface Service {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

const TABLE: readonly (readonly [names: string, host: string, port: number])[] = [
  ['126', 'smtp.126.com', 465],
  ['163', 'smtp.163.com', 465],
  ['1und1', 'smtp.1und1.de', 465],
  ['aliyun aliyun.com', 'smtp.aliyun.com', 465],
  ['aol aol.com', 'smtp.aol.com', 587],
  ['brevo sendinblue', 'smtp-relay.brevo.com', 587],
  ['ethereal ethereal.email', 'smtp.ethereal.email', 587],
  ['fastmail fastmail.com fastmail.fm', 'smtp.fastmail.com', 465],
  ['forwardemail fe forwardemail.net', 'smtp.forwardemail.net', 465],
  ['gandimail gandi', 'mail.gandi.net', 587],
  ['gmail googlemail gmail.com googlemail.com', 'smtp.gmail.com', 465],
  ['gmailworkspace googleworkspacemail', 'smtp-relay.gmail.com', 465],
  ['gmx gmx.com gmx.net gmx.de', 'mail.gmx.com', 587],
  ['hotmail outlook outlook.com hotmail.com', 'smtp-mail.outlook.com', 587],
  ['icloud me mac icloud.com me.com mac.com', 'smtp.mail.me.com', 587],
  ['infomaniak ik.me ikmail.com etik.com', 'mail.infomaniak.com', 587],
  ['mail.ru', 'smtp.mail.ru', 465],
  ['mailersend', 'smtp.mailersend.net', 587],
  ['mailgun', 'smtp.mailgun.org', 465],
  ['mailjet', 'in.mailjet.com', 587],
  ['mailtrap', 'live.smtp.mailtrap.io', 587],
  ['mandrill', 'smtp.mandrillapp.com', 587],
  ['naver', 'smtp.naver.com', 587],
  ['one', 'send.one.com', 465],
  ['outlook365', 'smtp.office365.com', 587],
  ['postmark postmarkapp', 'smtp.postmarkapp.com', 2525],
  ['proton protonmail proton.me protonmail.com protonmail.ch pm.me', 'smtp.protonmail.ch', 587],
  ['qq qq.com', 'smtp.qq.com', 465],
  ['resend', 'smtp.resend.com', 465],
  ['sendgrid', 'smtp.sendgrid.net', 587],
  ['seznam seznamemail seznam.cz email.cz post.cz', 'smtp.seznam.cz', 465],
  ['smtp2go', 'mail.smtp2go.com', 2525],
  ['sparkpost sparkpostmail sparkpost.com', 'smtp.sparkpostmail.com', 587],
  ['yahoo yahoo.com', 'smtp.mail.yahoo.com', 465],
  ['yandex yandex.ru', 'smtp.yandex.ru', 465],
  ['zoho', 'smtp.zoho.com', 465],
];

const BY_NAME: ReadonlyMap<string, Service> = new Map(
  TABLE.flatMap(([names, host, port]) =>
    names.split(' ').map((name) => [name, { host, port, secure: port === 465 }] as const),
  ),
);

/** Every name, for the documents and the tests. */
export const serviceNames: readonly string[] = [...BY_NAME.keys()];

const SES = /^ses(?:-([a-z]{2}(?:-[a-z]+)+-\d))?$/;

/**
 * By its name, an alias, or an address at it; case, spaces and the like do not count. `SES` and `SES-EU-WEST-1` are the SMTP servers
 * of Amazon.
 *
 * @throws NodemailerError: `ECONFIG`.
 */
export function serviceOf(name: string): Service {
  const key = name
    .slice(name.lastIndexOf('@') + 1)
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '');
  const ses = SES.exec(key);
  if (ses !== null) return { host: `email-smtp.${ses[1] ?? 'us-east-1'}.amazonaws.com`, port: 465, secure: true };
  const service = BY_NAME.get(key);
  if (service !== undefined) return service;
  throw configError(
    `the service ${JSON.stringify(name.slice(0, 60))} is not known`,
    'Give its host and port, and secure: true for port 465.',
  );
}
