using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Overlay;
using NixStore.Engine.Overlay.Publishing;
using NixStore.Engine.Stores;
using NixStore.Engine.Verification;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore publish</c>: paths of an overlay store go into its lower store.</summary>
internal sealed class PublishCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Which paths.", ArgumentArity.OneOrMore);
    private readonly Option<bool> _noClosure = new("--no-closure")
    {
        Description = "Only the paths that are named; what they need must be valid in the lower store.",
    };

    private readonly Option<bool> _removeFromUpper = new("--remove-from-upper")
    {
        Description = "Remove the upper copies of what the lower store has then, and remount.",
    };

    private readonly Option<int> _jobs = CommonArguments.Jobs();

    /// <summary>Makes the command.</summary>
    public PublishCommand() : base("publish", "Brings paths of an overlay store, with what they need, into its lower store.",
        ("nixstore publish --store 'local-overlay://?root=/srv/one&lower-store=/srv/lower&upper-layer=/srv/one/upper' "
            + "/nix/store/ddkcg6irdsn0w2q05gphaaw3cblkml69-gawk-5.2.2",
            "Every overlay store on /srv/lower has gawk then."))
    {
        Arguments.Add(_paths);
        foreach (var option in (Option[])[_noClosure, _removeFromUpper, _jobs])
        {
            Options.Add(option);
        }
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        var options = new PublicationOptions
        {
            WithClosure = !parsed.GetValue(_noClosure),
            RemovesFromUpper = parsed.GetValue(_removeFromUpper),
            Threads = parsed.GetValue(_jobs),
        };
        var failed = false;
        using var publisher = OverlayPublisher.Open(
            store, options, report.Write, (_, error) =>
            {
                failed = true;
                report.WriteError(error);
            },
            report.Write, warning => CommonWarnings.Of(warning, report), cancellation);
        publisher.Publish(Find(store, parsed.GetRequiredValue(_paths)), cancellation);
        return Code(failed);
    }

    /// <inheritdoc/>
    protected override StoreLocation Locate(string? name) => OverlayLocator.Locate(name);

    private static List<StorePath> Find(StoreLocation store, string[] names)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var lookup = new PathLookup(database);
        return [.. names.Select(name => store.Directory.Parse(lookup.Find(Selection.Absolute(name)).Path))];
    }
}
