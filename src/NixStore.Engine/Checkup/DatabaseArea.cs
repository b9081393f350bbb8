using NixStore.Engine.Examination;
using NixStore.Engine.Stores;

namespace NixStore.Engine.Checkup;

/// <summary>
/// The database. What its examination finds of the presence of paths is told as what it is, a matter of the paths, and when it has ended: only
/// then it is known whether the database can tell what is alive.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="found">Gets what is found.</param>
/// <param name="liveness">Learns whether the database is to be believed.</param>
internal sealed class DatabaseArea(StoreLocation store, Found found, PathLiveness liveness)
{
    private readonly PathFindings _findings = new(store, liveness);
    private readonly List<StoreDatabaseFinding> _presence = [];
    private readonly List<StoreDatabaseFinding> _derivations = [];

    /// <summary>Examines it.</summary>
    /// <exception cref="NixStoreException">There is no store at all, or it could not be opened.</exception>
    /// <exception cref="OperationCanceledException"/>
    internal void Look(ExaminationProgress progress, CancellationToken cancellation)
    {
        try
        {
            DatabaseExaminer.Examine(store, new DatabaseExaminationOptions(), Take, progress, cancellation);
        }
        catch (NixStoreException)
        {
            liveness.CanTell = false;
            throw;
        }

        _presence.ForEach(TellPresence);
    }

    /// <summary>Tells of .drv files that cannot be read, but for those of which the look at the paths has told what is wrong with them.</summary>
    internal void TellDerivations() => _derivations.FindAll(finding => finding.Path is null || !found.HasTold(finding.Path)).ForEach(Tell);

    private void Take(StoreDatabaseFinding finding)
    {
        switch (finding.Kind)
        {
            case StoreDatabaseFindingKind.RowWithoutFiles or StoreDatabaseFindingKind.FilesWithoutRow:
                _presence.Add(finding);
                break;
            case StoreDatabaseFindingKind.DerivationUnreadable:
                _derivations.Add(finding);
                break;
            default:
                Tell(finding);
                break;
        }
    }

    private void Tell(StoreDatabaseFinding finding)
    {
        liveness.CanTell &= finding.Severity != StoreFindingSeverity.Error;
        if (finding is { Kind: StoreDatabaseFindingKind.ReferenceMissing, Path: { } path })
        {
            found.TakeAsTold(StoreProblemKind.RowReference, path);
        }

        found.Tell(StoreFinding.From(finding));
    }

    private void TellPresence(StoreDatabaseFinding finding)
        => found.Tell(finding.Kind == StoreDatabaseFindingKind.RowWithoutFiles && finding.Path is not null
            ? _findings.Of(finding.Path, StoreProblemKind.Missing, finding.Detail)
            : StoreFinding.From(finding) with { Area = StoreFindingArea.Path, Kind = nameof(StoreProblemKind.Unregistered) });
}
