using System.CommandLine;
using NixStore.Engine.Database;
using NixStore.Engine.Graph;
using NixStore.Engine.Roots;
using NixStore.Engine.Stores;
using NixStore.Rescue.Output;

namespace NixStore.Rescue.Commands;

/// <summary><c>nixstore roots</c>: what keeps paths from being collected.</summary>
internal sealed class RootsCommand : StoreCommand
{
    private readonly Argument<string[]> _paths = CommonArguments.Paths("Only roots that name one of these paths. Default: all roots.");
    private readonly Option<StoreRootKind[]> _kinds = new("--kind")
    {
        Description = "Only roots of this kind; may be repeated.", DefaultValueFactory = _ => [], Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<bool> _size = new("--include-size") { Description = "Also the size of all that each root keeps." };

    /// <summary>Makes the command.</summary>
    public RootsCommand() : base("roots", "Lists what keeps paths from being collected: links, running processes, temporary roots.",
        ("nixstore roots", "All of them."),
        ("nixstore roots --kind Permanent --include-size", "What the links below gcroots and profiles keep, and how much that is."),
        ("nixstore roots /run/current-system", "Every root of the path that this link leads to."))
    {
        Arguments.Add(_paths);
        Options.Add(_kinds);
        Options.Add(_size);
    }

    /// <inheritdoc/>
    protected override bool HasTable => false;

    /// <inheritdoc/>
    protected override int Run(ParseResult parsed, StoreLocation store, IReport report, CancellationToken cancellation)
    {
        using var database = StoreDatabase.OpenForReading(store);
        var wanted = parsed.GetRequiredValue(_paths).Select(name => store.Directory.Print(StorePathResolver.Resolve(store, Selection.Absolute(name))))
            .ToHashSet(StringComparer.Ordinal);
        var kinds = parsed.GetRequiredValue(_kinds);
        var sizes = parsed.GetValue(_size) ? new ClosureSizes(StoreGraph.Load(database, cancellation)) : null;
        var scanner = new RootScanner(store, database.IsRegistered);
        foreach (var root in scanner.FindAll(cancellation))
        {
            if ((wanted.Count == 0 || (root.Path is { } path && wanted.Contains(path))) && (kinds.Length == 0 || kinds.Contains(root.Kind)))
            {
                report.Write(sizes is null ? root : root with { ClosureSize = sizes.Of(root) });
            }
        }

        CommonWarnings.OfRoots(scanner, report);
        return ExitCodes.Success;
    }
}
