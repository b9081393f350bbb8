using System.Globalization;
using System.Management.Automation;
using NixStore.Caches.BinaryCaches;
using NixStore.Caches.Examination;
using NixStore.Engine.Signatures;

namespace NixStore.PowerShell.Commands;

/// <summary>Test-BinaryCache: what is wrong with a binary cache.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BinaryCache")]
[OutputType(typeof(BinaryCacheFinding), typeof(bool))]
public sealed class TestBinaryCacheCommand : BinaryCacheCommand
{
    private readonly Dictionary<BinaryCache, List<string>> _wanted = [];
    private TrustedKeys? _required;

    /// <summary>Only these paths and what they refer to: full paths, base names or hash parts. Default: all of a cache that can be listed.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string[]? Path { get; set; }

    /// <summary>Read every NAR, and compare it with its narinfo and its listing.</summary>
    [Parameter]
    public SwitchParameter CheckContents { get; set; }

    /// <summary>Keys, <c>name:base64</c>, one of which must have signed each path that is not content-addressed.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedPublicKey { get; set; }

    /// <summary>How long an upload may take: younger files that nothing names are no more than information. Default: a day.</summary>
    [Parameter]
    [Duration]
    public TimeSpan UploadTime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Give true or false for each cache instead of the findings.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => _required = TrustedPublicKey is null ? null : TrustedKeys.Parse(TrustedPublicKey);

    /// <inheritdoc/>
    protected override void Process()
    {
        var cache = OpenCache();
        if (Path is null)
        {
            Examine(cache, null);
            return;
        }

        // All paths of a pipeline are one question: most of what they need they have in common.
        if (!_wanted.TryGetValue(cache, out var hashParts))
        {
            _wanted[cache] = hashParts = [];
        }

        foreach (var text in Path)
        {
            Try(() => hashParts.Add(BinaryCachePaths.ParseHashPart(text, cache.StoreDirectory)));
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        foreach (var (cache, hashParts) in _wanted)
        {
            Try(() => Examine(cache, hashParts));
        }
    }

    private void Examine(BinaryCache cache, List<string>? hashParts)
    {
        var options = new BinaryCacheExaminationOptions
        {
            CheckContents = CheckContents,
            RequiredKeys = _required,
            KnownKeys = KnownKeys.Read(),
            UploadTime = UploadTime,
            Workers = ThrottleLimit,
        };
        var state = new BinaryCacheExaminationProgress();
        using var progress = NewProgress("Examining the binary cache");
        progress.Follow(() => Status(state));
        var isSound = true;
        PumpCache<BinaryCacheFinding>(
            (found, stop) =>
            {
                if (hashParts is null)
                {
                    BinaryCacheExaminer.ExamineAll(cache, options, found, state, stop);
                }
                else
                {
                    BinaryCacheExaminer.ExamineClosure(cache, hashParts, options, found, state, stop);
                }
            },
            finding =>
            {
                isSound &= finding.Severity == StoreFindingSeverity.Information;
                if (!Quiet)
                {
                    WriteObject(finding);
                }
            },
            progress);
        if (Quiet)
        {
            WriteObject(isSound);
        }
    }

    private static (string Text, long Done, long? Total) Status(BinaryCacheExaminationProgress state) => state.TotalPaths == 0
        ? (string.Create(CultureInfo.InvariantCulture, $"{state.Files} files listed"), 0, null)
        : (string.Create(CultureInfo.InvariantCulture, $"{state.Paths} of {state.TotalPaths} paths, {ByteSize.Format(state.Bytes)} read"), state.Paths, state.TotalPaths);
}
