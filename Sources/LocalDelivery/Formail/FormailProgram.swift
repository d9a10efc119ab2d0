import Bytes
import LocalDelivery
import Posix

/// formail(1): changes headers, makes those of answers, splits mailboxes, finds duplicates.
package enum FormailProgram {
    /// Runs it; `words` are without the program's name, `environment` goes on to its programs.
    package static func run(
        _ words: [[UInt8]], environment: [(name: [UInt8], value: [UInt8])]
    ) -> Int32 {
        // A caller that ignores its children's ends would leave us without theirs.
        Signal.restoreDefaults()
        Signal.ignoreWriteSignals()
        let options: FormailOptions
        do throws(FormailRefusal) { options = try FormailCommandLine.parse(words) } catch {
            return refuse(error)
        }
        var cache: DuplicateCache?
        if let wanted = options.cache {
            do throws(SystemError) {
                cache = try DuplicateCache(Path(wanted.path), limit: wanted.limit)
            } catch {
                tell(
                    "formail: Couldn't open \"\(String(printable: wanted.path))\": \(error.reason)")
                return ExitStatus.cannotCreate
            }
        }
        return reformat(options, LetterPrograms(options, environment: environment, cache: cache))
    }

    private static func reformat(_ options: FormailOptions, _ host: LetterPrograms) -> Int32 {
        var formatter = Reformatter(options, host)
        do throws(SystemError) {
            let status = try formatter.run()
            let programs = host.finish()
            // That an answer has nobody to go to counts most.
            return programs == ExitStatus.success || status == ExitStatus.unknownUser
                ? status : programs
        } catch {
            // What was put out so far is not the whole letter: nobody may take it for one.
            tell("formail: \(error)")
            _ = host.finish()
            return ExitStatus.inputOutput
        }
    }

    private static func refuse(_ refusal: FormailRefusal) -> Int32 {
        switch refusal {
        case .version: tell("formail of Malleposte, for formail v3.23pre")
        case .usage: tell(usage)
        case .help: tell(usage + "\n" + help)
        case .invalidField(let name):
            tell("formail: Invalid field-name: \"\(String(printable: name))\"\n" + usage)
        }
        return ExitStatus.usage
    }

    private static func tell(_ text: String) {
        do throws(SystemError) {
            try FileDescriptor.withInherited(2) { (errors) throws(SystemError) in
                try errors.write(Array((text + "\n").utf8))
            }
        } catch {
            // Nobody listens.
        }
    }

    private static let usage = """
        Usage: formail [-vbczfrktqY] [-D size cache] [-p prefix] [-l folder]
                [-xXaAiIuU field] [-R old new]
           Or: formail [+skip] [-total] [-bczfrktedqBY] [-D size cache] [-p prefix]
                [-n [count]] [-m count] [-l folder] [-xXaAiIuU field] [-R old new]
                -s [program [argument ...]]
        """

    private static let help = """
         -b  leave lines that begin with "From " as they are
         -Y  do not believe Content-Length fields
         -c  put folded fields on one line
         -z  see to a blank behind field names, leave out empty fields
         -f  make no From_ line
         -r  make the header of an answer; -i keeps fields of the letter
         -k  keep the body of an answer or extract
         -t  answer the header's sender, not the envelope's
         -l folder  write what procmail would log
         -D size cache  look for the Message-ID in a file of about that size
         -s program  give each letter to a program
         +skip  leave out letters at the beginning    -total  put out no more letters
         -n [count]  start programs without waiting   -e  letters need no empty line before
         -d  split digests and odd mailboxes          -B  split BABYL files
         -q  be quiet (-q- is not)                    -p prefix  instead of ">"
         -m count  fields that begin a letter (2)
         -x field  extract the content                -X field  extract the field
         -a field  add it if it is missing            -A field  add it
         -i field  add it, rename the others          -I field  add it, remove the others
         -u field  keep the first                     -U field  keep the last
         -R old new  rename a field
        """
}
