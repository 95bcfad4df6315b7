/**
 * The messages of RFC 5322 appendix A, as far as their header fields go, and examples of RFC 6854 and RFC 6531: what each
 * must give. Written from the RFCs' text; the blanks and folds are theirs.
 */
export interface AppendixMessage {
  readonly section: string;
  readonly about: string;
  readonly lines: readonly string[];
  readonly from: string;
  readonly to: readonly string[];
}

const HELLO = ['', 'This is a message just to say hello.', 'So, "Hello".'];

export const APPENDIX: readonly AppendixMessage[] = [
  {
    section: 'A.1.1',
    about: 'one author, one addressee',
    lines: [
      'From: John Doe <jdoe@machine.example>',
      'To: Mary Smith <mary@example.net>',
      'Subject: Saying Hello',
      'Date: Fri, 21 Nov 1997 09:55:06 -0600',
      'Message-ID: <1234@local.machine.example>',
      ...HELLO,
    ],
    from: 'jdoe@machine.example',
    to: ['mary@example.net'],
  },
  {
    section: 'A.1.1',
    about: 'sent by a secretary: Sender',
    lines: [
      'From: John Doe <jdoe@machine.example>',
      'Sender: Michael Jones <mjones@machine.example>',
      'To: Mary Smith <mary@example.net>',
      'Subject: Saying Hello',
      'Date: Fri, 21 Nov 1997 09:55:06 -0600',
      'Message-ID: <1234@local.machine.example>',
      ...HELLO,
    ],
    from: 'mjones@machine.example',
    to: ['mary@example.net'],
  },
  {
    section: 'A.1.2',
    about: 'different types of mailboxes',
    lines: [
      'From: "Joe Q. Public" <john.q.public@example.com>',
      'To: Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>',
      'Cc: <boss@nil.test>, "Giant; \\"Big\\" Box" <sysservices@example.net>',
      'Date: Tue, 1 Jul 2003 10:52:37 +0200',
      'Message-ID: <5678.21-Nov-1997@example.com>',
      '',
      'Hi everyone.',
    ],
    from: 'john.q.public@example.com',
    to: ['mary@x.test', 'jdoe@example.org', 'one@y.test', 'boss@nil.test', 'sysservices@example.net'],
  },
  {
    section: 'A.1.3',
    about: 'group addresses',
    lines: [
      'From: Pete <pete@silly.example>',
      'To: A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;',
      'Cc: Undisclosed recipients:;',
      'Date: Thu, 13 Feb 1969 23:32:54 -0330',
      'Message-ID: <testabcd.1234@silly.example>',
      '',
      'Testing.',
    ],
    from: 'pete@silly.example',
    to: ['c@a.test', 'joe@where.test', 'jdoe@one.test'],
  },
  {
    section: 'A.2',
    about: 'a reply with Reply-To',
    lines: [
      'From: Mary Smith <mary@example.net>',
      'To: John Doe <jdoe@machine.example>',
      'Reply-To: "Mary Smith: Personal Account" <smith@home.example>',
      'Subject: Re: Saying Hello',
      'Date: Fri, 21 Nov 1997 10:01:10 -0600',
      'Message-ID: <3456@example.net>',
      'In-Reply-To: <1234@local.machine.example>',
      'References: <1234@local.machine.example>',
      '',
      'This is a reply to your hello.',
    ],
    from: 'mary@example.net',
    to: ['jdoe@machine.example'],
  },
  {
    section: 'A.2',
    about: 'a reply to the Reply-To',
    lines: [
      'To: "Mary Smith: Personal Account" <smith@home.example>',
      'From: John Doe <jdoe@machine.example>',
      'Subject: Re: Saying Hello',
      'Date: Fri, 21 Nov 1997 11:00:00 -0600',
      'Message-ID: <abcd.1234@local.machine.test>',
      'In-Reply-To: <3456@example.net>',
      'References: <1234@local.machine.example> <3456@example.net>',
      '',
      'This is a reply to your reply.',
    ],
    from: 'jdoe@machine.example',
    to: ['smith@home.example'],
  },
  {
    section: 'A.3',
    about: 'resent: the Resent-* fields alone',
    lines: [
      'Resent-From: Mary Smith <mary@example.net>',
      'Resent-To: Jane Brown <j-brown@other.example>',
      'Resent-Date: Mon, 24 Nov 1997 14:22:01 -0800',
      'Resent-Message-ID: <78910@example.net>',
      'From: John Doe <jdoe@machine.example>',
      'To: Mary Smith <mary@example.net>',
      'Subject: Saying Hello',
      'Date: Fri, 21 Nov 1997 09:55:06 -0600',
      'Message-ID: <1234@local.machine.example>',
      ...HELLO,
    ],
    from: 'mary@example.net',
    to: ['j-brown@other.example'],
  },
  {
    section: 'A.4',
    about: 'trace fields',
    lines: [
      'Received: from x.y.test',
      '   by example.net',
      '   via TCP',
      '   with ESMTP',
      '   id ABC12345',
      '   for <mary@example.net>;  21 Nov 1997 10:05:43 -0600',
      'Received: from node.example by x.y.test; 21 Nov 1997 10:01:22 -0600',
      'From: John Doe <jdoe@node.example>',
      'To: Mary Smith <mary@example.net>',
      'Subject: Saying Hello',
      'Date: Fri, 21 Nov 1997 09:55:06 -0600',
      'Message-ID: <1234@local.node.example>',
      ...HELLO,
    ],
    from: 'jdoe@node.example',
    to: ['mary@example.net'],
  },
  {
    section: 'A.5',
    about: 'white space, comments, and other oddities',
    lines: [
      'From: Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>',
      'To:A Group(Some people)',
      "     :Chris Jones <c@(Chris's host.)public.example>,",
      '         joe@example.org,',
      '  John <jdoe@one.test> (my dear friend); (the end of the group)',
      'Cc:(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;',
      'Date: Thu,',
      '      13',
      '        Feb',
      '          1969',
      '      23:32',
      '               -0330 (Newfoundland Time)',
      'Message-ID:              <testabcd.1234@silly.test>',
      '',
      'Testing.',
    ],
    from: 'pete@silly.test',
    to: ['c@public.example', 'joe@example.org', 'jdoe@one.test'],
  },
  {
    section: 'A.6.1',
    about: 'obsolete addressing',
    lines: [
      'From: Joe Q. Public <john.q.public@example.com>',
      'To: Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example',
      'Date: Tue, 1 Jul 2003 10:52:37 +0200',
      'Message-ID: <5678.21-Nov-1997@example.com>',
      '',
      'Hi everyone.',
    ],
    from: 'john.q.public@example.com',
    to: ['mary@example.net', 'jdoe@test.example'],
  },
  {
    section: 'A.6.2',
    about: 'obsolete dates',
    lines: [
      'From: John Doe <jdoe@machine.example>',
      'To: Mary Smith <mary@example.net>',
      'Subject: Saying Hello',
      'Date: 21 Nov 97 09:55:06 GMT',
      'Message-ID: <1234@local.machine.example>',
      ...HELLO,
    ],
    from: 'jdoe@machine.example',
    to: ['mary@example.net'],
  },
  {
    section: 'A.6.3',
    about: 'obsolete white space and comments',
    lines: [
      'From  : John Doe <jdoe@machine(comment).  example>',
      'To    : Mary Smith',
      '          ',
      '          <mary@example.net>',
      'Subject     : Saying Hello',
      'Date  : Fri, 21 Nov 1997 09(comment):   55  :  06 -0600',
      'Message-ID  : <1234   @   local(blah)  .machine .example>',
      ...HELLO,
    ],
    from: 'jdoe@machine.example',
    to: ['mary@example.net'],
  },
];

/** Beyond RFC 5322. */
export const EXTENSIONS: readonly AppendixMessage[] = [
  {
    section: 'RFC 6854',
    about: 'a group as author: its members are the authors, the first of them answers for the message',
    lines: ['From: Managing Partners:ben@example.com,carol@example.com;', 'To: dave@example.net'],
    from: 'ben@example.com',
    to: ['dave@example.net'],
  },
  {
    section: 'RFC 6854',
    about: 'a group without members as author, with a Sender',
    lines: ['From: Nightly Monitor Robot:;', 'Sender: operator@example.com', 'To: dave@example.net'],
    from: 'operator@example.com',
    to: ['dave@example.net'],
  },
  {
    section: 'RFC 6531 3.3',
    about: 'UTF-8 in local parts and domains',
    lines: ['From: Dörte <dörte@sörensen.example>', 'To: "δοκιμή δοκιμή"@παράδειγμα.example, pelé@example.com'],
    from: 'dörte@sörensen.example',
    to: ['"δοκιμή δοκιμή"@παράδειγμα.example', 'pelé@example.com'],
  },
  {
    section: 'RFC 6531 3.3',
    about: 'A-labels and the same domain in U-labels: one mailbox',
    lines: ['From: a@xn--srensen-90a.example', 'To: b@sörensen.example, b@xn--srensen-90a.example'],
    from: 'a@xn--srensen-90a.example',
    to: ['b@sörensen.example'],
  },
];

const ADDRESS_FIELD = /^(?:Resent-)?(?:From|Sender|Reply-To|To|Cc|Bcc)[ \t]*:(.*)$/is;

export interface AppendixField {
  readonly section: string;
  readonly value: string;
}

/** The values of the address fields, folded as they are. */
export const APPENDIX_FIELDS: readonly AppendixField[] = APPENDIX.flatMap(({ section, lines }) => {
  const header = lines.slice(0, lines.indexOf('')).join('\r\n');
  return header.split(/\r\n(?![ \t])/).flatMap((field) => {
    const value = ADDRESS_FIELD.exec(field)?.[1];
    return value === undefined ? [] : [{ section, value }];
  });
});
