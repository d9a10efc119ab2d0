import Bytes

/// What main.cf says that this program, or any, does not act upon.
extension MainConfiguration {
    /// Warnings of reading, then one for each parameter that the house does not honour and one for
    /// each that nobody knows, in the order of the lines.
    ///
    /// `honoured` are the groups of the whole program, `extra` the names that it honours beside
    /// them. A name that is not known but referred to by `$name` is the administrator's own. A
    /// value that asks for nothing, such as the default, is no reason to warn.
    package func warnings(
        honoured: [any SettingsGroup.Type], extra: [String] = [], master: MasterConfiguration? = nil
    ) -> [String] {
        let known = Set(honoured.flatMap { $0.names } + extra + Self.inherent)
        let own = referenced(by: master)
        let lines = entries.filter { $0.value.line > 0 && !known.contains($0.key) }
            .sorted { $0.value.line < $1.value.line }
        return readingWarnings
            + lines.compactMap { name, entry in
                let place = ConfigurationError.place(file, entry.line)
                if isKnown(name, master) {
                    return asksForNothing(name) ? nil : "\(place)not supported yet: \(name)"
                }
                if own.contains(name) { return nil }
                return "\(place)unused parameter: \(name)=\(entry.value)"
            }
            + (master.map { overrideWarnings($0, known: known, own: own) } ?? [])
    }

    /// The same of what master.cf sets by `-o` for single services.
    private func overrideWarnings(
        _ master: MasterConfiguration, known: Set<String>, own: Set<String>
    ) -> [String] {
        master.services.flatMap { service in
            let place = ConfigurationError.place(master.file, service.line)
            return service.overrides.compactMap { name, value -> String? in
                guard !known.contains(name), !own.contains(name) else { return nil }
                guard isKnown(name, master) else {
                    return "\(place)unused parameter: -o \(name)=\(value)"
                }
                return with(overrides: [(name, value)]).asksForNothing(name)
                    ? nil : "\(place)not supported yet: -o \(name)"
            }
        }
    }

    /// Parameters that have no reader of their own but do what they are for by being referred to.
    private static let inherent = [
        "mail_name", "mail_version", "mydomain", "myhostname", "config_directory",
        "compatibility_level", "stress", "multi_instance_name",
    ]

    /// Values other than the default that switch off what the house has not: whoever sets them has
    /// what they asked for.
    private static let absences: [String: Set<String>] = [
        "biff": ["no"],
        "lmtp_tls_security_level": ["none"],
        "smtp_tls_security_level": ["none"],
        "smtpd_tls_security_level": ["none"],
        "smtputf8_enable": ["no"],
        "tlsproxy_client_security_level": ["none"],
        "tlsproxy_tls_security_level": ["none"],
    ]

    /// Parameters that tell Postfix's own installer and manual where files lie; no program acts on
    /// them.
    private static let installation: Set<String> = [
        "html_directory", "manpage_directory", "meta_directory", "readme_directory",
        "sample_directory", "shlib_directory",
    ]

    /// The value set for `name` is the default, or one that asks to do without something.
    private func asksForNothing(_ name: String) -> Bool {
        if Self.installation.contains(name) { return true }
        do throws(ConfigurationError) {
            let value = try self.value(name)
            if Self.absences[name]?.contains(value.lowercased()) == true { return true }
            guard let text = KnownParameters.defaultText(of: name) else { return false }
            return try value == expand(text, for: name)
        } catch {
            // Whoever asks for the value gets the error; here it only cannot be excused.
            return false
        }
    }

    /// Postfix knows the name; the parameters of a transport only with that transport in master.cf.
    private func isKnown(_ name: String, _ master: MasterConfiguration?) -> Bool {
        guard KnownParameters.defaultText(of: name) != nil else { return false }
        guard let transport = TransportParameters.transport(of: name), let master else {
            return true
        }
        return KnownParameters.names.contains(name)
            || master.services.contains { $0.name == transport || $0.command == transport }
    }

    /// Names in `$name` of any value, and those that `smtpd_restriction_classes` declares.
    private func referenced(by master: MasterConfiguration?) -> Set<String> {
        var texts = entries.values.map(\.value)
        texts += master?.services.flatMap { $0.arguments } ?? []
        var names = Set(texts.flatMap { Expansion.names(in: Array($0.utf8)) })
        names.formUnion(
            ParameterValue.words(entries["smtpd_restriction_classes"]?.value ?? ""))
        return names
    }
}

extension SettingsGroup {
    /// The names of the group's parameters.
    fileprivate static var names: [String] { parameters.map(\.name) }
}
