import Bytes
import Message
import Posix
import Testing

@testable import Vacation

@Suite struct AnswerTextTests {
    private func answer(
        _ template: String, to header: String = "Subject: one\nMessage-ID: <1@x>\n",
        name: String = "Ann A."
    ) throws -> String {
        let letter = IncomingLetter(
            Array(("From bob@x.example d\nTo: ann@y\n" + header + "\n").utf8))
        let rules = AnswerRules(login: "ann", aliases: [], hosts: [], answersAll: true)
        let user = User(name: "ann", id: 1, group: 1, fullName: name, home: "/")
        let text = AnswerText(
            Array(template.utf8), to: try rules.answer(letter), of: letter, from: user)
        return String(decoding: text.octets, as: UTF8.self)
    }

    @Test func theUsersTextGetsTheHeaderOfAnAnswer() throws {
        let made = try answer(
            "Subject: away ($SUBJECT)\nPrecedence: junk\n\nAbout \"$SUBJECT\", $SUBJECT.\n.\nbye")
        #expect(
            made == """
                To: bob@x.example
                From: "Ann A." <ann@y>
                Subject: away (one)
                Precedence: junk
                In-Reply-To: <1@x>
                References: <1@x>
                Auto-Submitted: auto-replied

                About "one", one.
                .
                bye

                """)
    }

    @Test func aTextWithoutHeaderIsEnough() throws {
        let made = try answer("I am away.\n\nAnn\n", name: "")
        #expect(made.hasPrefix("To: bob@x.example\nFrom: ann@y\nSubject: Auto: one\n"))
        #expect(made.hasSuffix("Precedence: bulk\n\nI am away.\n\nAnn\n"))
    }

    @Test func noFieldOfTheTextSendsTheAnswerElsewhere() throws {
        let made = try answer("To: all@x\nCc: c@x\nBcc: d@x\nAuto-Submitted: no\nFrom: me@z\n\nx\n")
        #expect(!made.contains("all@x") && !made.contains("c@x") && !made.contains("d@x"))
        #expect(made.contains("Auto-Submitted: auto-replied\n") && made.contains("From: me@z\n"))
    }

    @Test func aSubjectCannotAddFields() throws {
        let made = try answer(
            "Subject: $SUBJECT\n\n$SUBJECT\n", to: "Subject: a\n Bcc: x@y \u{1b}[2J\r\nX: y\n")
        #expect(made.contains("Subject: a Bcc: x@y  [2J\n"))
        let long = try answer(
            "\n$SUBJECT\n", to: "Subject: \(String(repeating: "x", count: 5000))\n")
        #expect(long.split(separator: "\n").allSatisfy { $0.utf8.count < 600 })
    }

    @Test func encodedWordsAreReadableInTheText() throws {
        let made = try answer(
            "Subject: Re $SUBJECT\n\n$SUBJECT\n", to: "Subject: =?iso-8859-1?Q?=E9t=E9?=\n")
        #expect(made.contains("Subject: Re =?iso-8859-1?Q?=E9t=E9?=\n"))
        #expect(made.hasSuffix("charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nété\n"))
        let encoded = try answer(
            "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n$SUBJECT\n",
            to: "Subject: =?iso-8859-1?Q?=E9?=\n")
        #expect(encoded.hasSuffix("\n\n=?iso-8859-1?Q?=E9?=\n"))
    }

    @Test func aLongThreadIsCut() throws {
        let many = (0..<500).map { "<\($0)@x>" }.joined(separator: "\n ")
        let made = try answer("\nx\n", to: "References: \(many)\nMessage-ID: <last@x>\n")
        #expect(made.contains("References: <0@x>\n <482@x>\n"))
        #expect(made.contains(" <499@x>\n <last@x>\n"))
        #expect(try !answer("\nx\n", to: "Subject: y\n").contains("References"))
    }
}
