using System.CommandLine;

namespace NixStore.Rescue.Commands;

/// <summary>The options that say which garbage goes, where not all does.</summary>
internal sealed class GarbagePolicyOptions
{
    private readonly Option<StoreAge?> _unusedFor = AgeOption.Make("--unused-for", "Only what was not read for so long.");
    private readonly Option<StoreAge?> _registeredBefore = AgeOption.Make("--registered-before", "Only what was registered longer ago.");
    private readonly Option<long?> _ensureFree = new("--ensure-free") { Description = "Stop as soon as so many bytes of the file system are free." };

    /// <summary>The policy when none of them is given.</summary>
    public static StoreGarbagePolicy Everything { get; } = new();

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [_unusedFor, _registeredBefore, _ensureFree];

    /// <summary>What they say; ages count from now.</summary>
    public StoreGarbagePolicy Of(ParseResult parsed)
    {
        var now = DateTimeOffset.UtcNow;
        return Everything with
        {
            UnusedSince = parsed.GetValue(_unusedFor)?.CutOff(now),
            RegisteredBefore = parsed.GetValue(_registeredBefore)?.CutOff(now),
            EnsureFree = parsed.GetValue(_ensureFree),
        };
    }
}
