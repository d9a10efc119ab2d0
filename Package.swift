// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where we build for ourselves (CI, make test), never under a user's newer compiler.
let strict = Context.environment["CI"] != nil || Context.environment["MALLEPOSTE_STRICT"] != nil

let house: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6), .strictMemorySafety(),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// A module of the house: its name, its folder below Sources and the modules it stands on.
func module(_ name: String, _ folder: String? = nil, on floors: [String]) -> Target {
    .target(
        name: name, dependencies: floors.map { .byName(name: $0) },
        path: "Sources/\(folder ?? name)", swiftSettings: house)
}

/// A program: its module, its folder below Sources and the modules it stands on.
func program(_ name: String, _ folder: String? = nil, on floors: [String]) -> Target {
    .executableTarget(
        name: name, dependencies: floors.map { .byName(name: $0) },
        path: "Sources/\(folder ?? name)", swiftSettings: house,
        linkerSettings: [
            .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"], .when(platforms: [.linux]))
        ])
}

/// The tests of the module `name`, in Tests/<name>Tests; `extra` are further modules they use.
func tests(_ name: String, on extra: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: ([name, "TestSupport"] + extra).map { .byName(name: $0) },
        path: "Tests/\(name)Tests", swiftSettings: house)
}

let floor0: [Target] = [
    .target(name: "CPosix", path: "Sources/C/Posix"),
    .systemLibrary(name: "CCrypt", path: "Sources/C/Crypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CPAM", path: "Sources/C/PAM", providers: [.apt(["libpam0g-dev"])]),
    .systemLibrary(
        name: "CBerkeleyDB", path: "Sources/C/BerkeleyDB", providers: [.apt(["libdb5.3-dev"])]),
]

let floor1 = [
    module("Bytes", on: []),
    module("Posix", on: ["CPosix"]),
]

let floor2 = [
    module("Diagnostics", on: ["Posix"]),
    module("Wire", on: ["Bytes", "Posix"]),
    module("Message", on: ["Bytes"]),
]

let floor3 = [
    module("SMTPGrammar", on: ["Bytes"]),
    module("IMAPGrammar", on: ["Bytes", "Message"]),
    module("Settings", on: ["Bytes", "Posix"]),
    module("Maildir", on: ["Bytes", "Posix"]),
    module("Mbox", on: ["Bytes", "Posix"]),
]

let floor4 = [
    module("Tables", on: ["Bytes", "Posix", "Settings", "CBerkeleyDB"]),
    module("Accounts", on: ["Bytes", "Posix", "Settings", "CCrypt"]),
    module("Services", on: ["Bytes", "Posix", "Diagnostics", "Wire", "Settings"]),
    module("MailStore", on: ["Bytes", "Posix", "Message", "Maildir", "Mbox"]),
]

let floor5 = [
    module("Separation", "Privileged/Separation", on: ["Posix", "Services"]),
    module(
        "Monitor", "Privileged/Monitor",
        on: [
            "Bytes", "Posix", "Diagnostics", "Settings", "Accounts", "Services", "Separation",
            "CPAM",
        ]),
    module(
        "LoginFront",
        on: [
            "Bytes", "Posix", "Diagnostics", "Wire", "Settings", "Accounts", "Services",
            "Separation", "Monitor", "MailStore",
        ]),
    module("Recipes", "LocalDelivery/Recipes", on: ["Bytes", "Message"]),
    module(
        "LocalDelivery", "LocalDelivery/Delivery",
        on: ["Bytes", "Posix", "Message", "Settings", "Maildir", "Mbox"]),
    module(
        "DeliveryMonitor", "Privileged/DeliveryMonitor",
        on: [
            "Bytes", "Posix", "Diagnostics", "Settings", "Accounts", "Services", "LocalDelivery",
        ]),
    module(
        "LMTPServer", "LocalDelivery/LMTP",
        on: [
            "Bytes", "Posix", "Message", "Wire", "SMTPGrammar", "Services", "DeliveryMonitor",
        ]),
    module(
        "DeliveryAgent", "LocalDelivery/Agent",
        on: [
            "Bytes", "Posix", "Message", "Settings", "Maildir", "Mbox", "Recipes", "LocalDelivery",
        ]),
    module("Formail", "LocalDelivery/Formail", on: ["Bytes", "Posix", "LocalDelivery"]),
    module("Lockfile", "LocalDelivery/Lockfile", on: ["Bytes", "Posix", "LocalDelivery"]),
    module(
        "Vacation", "LocalDelivery/Vacation",
        on: ["Bytes", "Posix", "Diagnostics", "Message", "LocalDelivery"]),
]

let mta = [
    module("LocalSubmission", "MiniMTA/LocalSubmission", on: ["Bytes", "Posix", "Settings"]),
    module(
        "MailQueue", "MiniMTA/MailQueue",
        on: ["Bytes", "Posix", "Diagnostics", "Settings", "Services"]),
    module(
        "Pickup", "MiniMTA/Pickup",
        on: [
            "Bytes", "Posix", "Diagnostics", "Settings", "Services", "MailQueue",
            "LocalSubmission",
        ]),
    module(
        "Rewriting", "MiniMTA/Rewriting", on: ["Bytes", "Posix", "Message", "Settings", "Tables"]),
    module(
        "SMTPServer", "MiniMTA/SMTPServer",
        on: [
            "Bytes", "Posix", "Diagnostics", "Wire", "SMTPGrammar", "Settings", "Tables",
            "Services", "MailQueue", "Rewriting", "Message", "LocalSubmission",
        ]),
    module(
        "Cleanup", "MiniMTA/Cleanup",
        on: [
            "Bytes", "Posix", "Diagnostics", "Message", "Settings", "Tables", "Services",
            "MailQueue",
            "Rewriting",
        ]),
    module(
        "QueueManager", "MiniMTA/QueueManager",
        on: [
            "Bytes", "Posix", "Diagnostics", "Settings", "Tables", "Services", "MailQueue",
            "Rewriting",
        ]),
    module(
        "Bounces", "MiniMTA/Bounces",
        on: ["Bytes", "Posix", "Diagnostics", "Message", "Settings", "Services", "MailQueue"]),
    module(
        "Transports", "MiniMTA/Transports",
        on: [
            "Bytes", "Posix", "Diagnostics", "Message", "Settings", "Tables", "Services",
            "MailQueue",
            "Rewriting", "Mbox", "LocalDelivery", "DeliveryAgent",
        ]),
    program(
        "MiniMTA", "MiniMTA/Program",
        on: [
            "Bytes", "Posix", "Diagnostics", "Message", "Settings", "Tables", "Services",
            "MailQueue",
            "Rewriting", "SMTPServer", "Cleanup", "QueueManager", "Bounces", "Transports",
            "LocalSubmission", "Pickup",
        ]),
    program(
        "Sendmail", "MiniMTA/Sendmail",
        on: [
            "Bytes", "Posix", "Diagnostics", "Message", "Settings", "Services", "MailQueue",
            "LocalSubmission",
        ]),
]

let privileged = [
    program(
        "Master", "Privileged/Master",
        on: ["Bytes", "Posix", "Diagnostics", "Settings", "Services"]),
    program(
        "PostDrop", "Privileged/PostDrop",
        on: [
            "Bytes", "Posix", "Diagnostics", "Settings", "Services", "MailQueue", "LocalSubmission",
        ]),
]

let programs = [
    program(
        "MDA", "LocalDelivery/Program",
        on: [
            "Bytes", "Posix", "Diagnostics", "Message", "Wire", "Settings", "Maildir", "Mbox",
            "Accounts", "Services", "MailStore", "Separation", "Recipes", "LocalDelivery",
            "DeliveryAgent", "DeliveryMonitor", "LMTPServer", "Formail", "Lockfile", "Vacation",
        ]),
    program(
        "POP3d",
        on: [
            "Bytes", "Posix", "Diagnostics", "Wire", "Message", "Settings", "Accounts", "Services",
            "MailStore", "LoginFront", "Monitor",
        ]),
    program(
        "IMAPd",
        on: [
            "Bytes", "Posix", "Diagnostics", "Wire", "Message", "IMAPGrammar", "Settings",
            "Accounts",
            "Services", "MailStore", "LoginFront", "Monitor",
        ]),
]

let testTargets: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["Bytes", "Posix"], path: "Tests/Support",
        exclude: ["StorageDriver"], swiftSettings: house),
    .executableTarget(
        name: "storage-driver", dependencies: ["Bytes", "Posix", "Maildir", "Mbox", "MailStore"],
        path: "Tests/Support/StorageDriver", swiftSettings: house),
    tests("Bytes"),
    tests("MDA", on: ["Bytes", "Posix", "LocalDelivery", "DeliveryAgent"]),
    tests("Recipes", on: ["Bytes"]),
    tests("Formail", on: ["Bytes", "Posix", "LocalDelivery"]),
    tests("Lockfile", on: ["Bytes", "Posix", "LocalDelivery"]),
    tests("Vacation", on: ["Bytes", "Posix", "Message", "LocalDelivery"]),
    tests("LocalDelivery", on: ["Bytes", "Posix", "Mbox"]),
    tests("Transports", on: ["Bytes", "Posix", "MailQueue", "LocalDelivery", "Tables"]),
    tests("Posix"),
    tests("Mbox"),
    tests("MailStore", on: ["Bytes", "Posix", "Mbox"]),
    tests("Settings", on: ["Bytes", "Posix"]),
    tests("Tables", on: ["Bytes", "Posix"]),
    tests("LocalSubmission", on: ["Bytes", "Posix"]),
    tests("Sendmail", on: ["Bytes", "Posix", "LocalSubmission"]),
    tests("Accounts", on: ["Bytes", "Posix", "Settings"]),
    tests("POP3d", on: ["Bytes", "Posix"]),
    tests("LoginFront", on: ["MailStore", "Posix"]),
    tests("Monitor", on: ["Accounts", "Bytes", "Posix", "Services"]),
    tests("DeliveryMonitor", on: ["Accounts", "Bytes", "Posix", "Services", "Settings"]),
    tests("LMTPServer", on: ["Bytes", "DeliveryMonitor", "SMTPGrammar"]),
    tests("Maildir", on: ["Bytes", "Posix"]),
    tests("Services", on: ["Bytes", "Posix"]),
    tests("Master", on: ["Posix", "Services"]),
    tests("Rewriting", on: ["Bytes", "Posix"]),
    tests("Cleanup", on: ["Bytes", "MailQueue", "Rewriting"]),
    tests(
        "SMTPServer",
        on: [
            "Bytes", "Posix", "Diagnostics", "Wire", "Rewriting", "Settings", "SMTPGrammar",
            "Tables",
        ]),
    tests("SMTPGrammar", on: ["Bytes"]),
    tests("MailQueue", on: ["Bytes", "Posix", "Services"]),
    tests("QueueManager", on: ["Bytes", "MailQueue"]),
    tests("Bounces", on: ["Bytes", "Posix", "MailQueue", "Settings"]),
    tests("Message"),
    tests("IMAPGrammar", on: ["Bytes", "Message"]),
    tests("IMAPd", on: ["Bytes", "Posix", "Wire", "MailStore", "Diagnostics"]),
    .testTarget(
        name: "HouseTests", dependencies: ["TestSupport", "Posix", "Settings", "MiniMTA"],
        path: "Tests/HouseTests",
        swiftSettings: house),
]

let package = Package(
    name: "Malleposte",
    products: [
        .executable(name: "master", targets: ["Master"]),
        .executable(name: "minimta", targets: ["MiniMTA"]),
        .executable(name: "sendmail", targets: ["Sendmail"]),
        .executable(name: "postdrop", targets: ["PostDrop"]),
        .executable(name: "mda", targets: ["MDA"]),
        .executable(name: "ipop3d", targets: ["POP3d"]),
        .executable(name: "imapd", targets: ["IMAPd"]),
    ],
    targets: floor0 + floor1 + floor2 + floor3 + floor4 + floor5 + mta + privileged + programs
        + testTargets
)
