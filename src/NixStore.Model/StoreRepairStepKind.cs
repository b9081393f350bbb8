namespace NixStore;

/// <summary>What a step of a repair does.</summary>
public enum StoreRepairStepKind
{
    /// <summary>Keeps a copy of the database as it is.</summary>
    BackUpDatabase,
    /// <summary>Reads what is left in a damaged database, page by page.</summary>
    SalvageRows,
    /// <summary>Registers a path again whose row was lost.</summary>
    RestoreRow,
    /// <summary>Corrects columns of a row.</summary>
    MendRow,
    /// <summary>Corrects what a row refers to.</summary>
    MendReferences,
    /// <summary>Corrects which outputs a derivation has.</summary>
    MendOutputs,
    /// <summary>Drops a row that stands for nothing.</summary>
    DropRow,
    /// <summary>Makes the indices anew.</summary>
    Reindex,
    /// <summary>Gives back the space of free pages.</summary>
    Vacuum,
    /// <summary>Writes the file that tells the version of the schema.</summary>
    WriteSchema,
    /// <summary>Puts the mended database in the place of the damaged one, which is kept.</summary>
    ReplaceDatabase,
    /// <summary>Sets aside, in the trash, what nothing needs.</summary>
    SetAside,
    /// <summary>Brings files and metadata of a path back.</summary>
    RepairPath,
    /// <summary>Mends the directory <c>.links</c>.</summary>
    MendLink,
    /// <summary>Mends the roots of the garbage collector.</summary>
    MendRoot,
    /// <summary>Mends the state directory.</summary>
    MendState,
    /// <summary>Looks at everything once more.</summary>
    Verify,
}
