import Mbox
import Posix
import TestSupport
import Testing

@testable import LocalDelivery

@Suite struct MailboxTests {
    private func letter(
        _ directory: TemporaryDirectory, _ content: String, sender: String = "a@b",
        size: Int? = nil
    ) throws -> DeliveredLetter {
        let file = try directory.file("letter", content)
        return DeliveredLetter(
            content: try FileDescriptor.open(file), offset: 0, size: size ?? content.utf8.count,
            sender: Array(sender.utf8), headers: Array("Delivered-To: x\n".utf8))
    }

    private func append(
        _ letter: borrowing DeliveredLetter, to path: Path, sizeLimit: Int = 0, owner: UInt32? = nil
    ) -> DeliveryFailure? {
        do throws(DeliveryFailure) {
            _ = try MailboxDelivery.append(
                letter, toMbox: path,
                rules: OpeningRules(owner: owner, creation: OpeningRules.Creation()),
                locks: LockPolicy(timeoutMilliseconds: 300), sizeLimit: sizeLimit)
            return nil
        } catch { return error }
    }

    @Test func anMboxHasFromLineHeadersAndAnEmptyLine() throws {
        let directory = try TemporaryDirectory()
        let letter = try letter(directory, "Subject: x\n\nFrom y\nend")
        #expect(append(letter, to: directory.path / "box") == nil)
        #expect(append(letter, to: directory.path / "box") == nil)
        let text = String(decoding: try directory.content("box"), as: UTF8.self)
        #expect(text.hasPrefix("From a@b  "))
        #expect(text.hasSuffix("\nDelivered-To: x\nSubject: x\n\n>From y\nend\n\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("From ") } == 2)
    }

    @Test func theNullSenderIsTheMailSystem() throws {
        let directory = try TemporaryDirectory()
        #expect(
            append(try letter(directory, "x\n", sender: ""), to: directory.path / "box") == nil)
        let text = String(decoding: try directory.content("box"), as: UTF8.self)
        #expect(text.hasPrefix("From MAILER-DAEMON  "))
    }

    @Test func aMailboxThatWouldGrowTooLargeIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let box = try directory.file("box", "From a  Thu Jan  1 00:00:00 1970\n\nold\n\n")
        let before = try directory.content("box")
        let failure = append(try letter(directory, "new\n"), to: box, sizeLimit: 60)
        #expect(failure?.status == "5.2.2")
        #expect(try directory.content("box") == before)
    }

    @Test func aLockThatDoesNotComeIsTriedAgain() throws {
        let directory = try TemporaryDirectory()
        try directory.file("box.lock", "\(Process.id):elsewhere")
        let failure = append(try letter(directory, "new\n"), to: directory.path / "box")
        #expect(failure?.status == "4.2.0")
        #expect(failure?.text.contains("unable to lock for exclusive access") == true)
    }

    @Test func aMailboxOfSomebodyElseIsTriedAgain() throws {
        let directory = try TemporaryDirectory()
        let box = try directory.file("box", "")
        let failure = append(
            try letter(directory, "new\n"), to: box, owner: Rights.effectiveUser + 1)
        #expect(failure?.status == "4.2.0")
        #expect(failure?.text.contains("not owned by recipient") == true)
    }

    @Test func aFileWithASecondNameIsNotTouched() throws {
        let directory = try TemporaryDirectory()
        try directory.file("target", "")
        try (directory.path / "target").link(to: directory.path / "box")
        let failure = append(try letter(directory, "new\n"), to: directory.path / "box")
        #expect(failure?.status == "4.2.0")
        #expect(try directory.content("target").isEmpty)
    }

    @Test func aLetterThatIsShorterThanToldIsNotDelivered() throws {
        let directory = try TemporaryDirectory()
        let failure = append(
            try letter(directory, "short\n", size: 100), to: directory.path / "box")
        #expect(failure?.status == "4.3.0")
        #expect(try (directory.path / "box").statusIfPresent() == nil)
    }

    @Test func aMaildirIsMadeAndFilled() throws {
        let directory = try TemporaryDirectory()
        let letter = try letter(directory, "Subject: x\n\nFrom y\n")
        let path = try MailboxDelivery.deliver(letter, toMaildir: directory.path / "md")
        let text = try directory.content("md/\(path)")
        #expect(text == Array("Delivered-To: x\nSubject: x\n\nFrom y\n".utf8))
        #expect(try (directory.path / "md/tmp").list().isEmpty)
    }

    @Test(arguments: [
        (SystemError.noSpace, "4.3.0"), (SystemError.overQuota, "5.2.2"),
        (SystemError.tooLarge, "5.2.2"), (SystemError.denied, "5.2.0"),
        (SystemError.inputOutput, "4.2.0"),
    ])
    func mapsSystemErrors(_ code: Int32, _ status: String) {
        #expect(DeliveryFailure.mailbox(SystemError(code, "write"), "write").status == status)
    }
}
